using System.Buffers;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Imagic.Editing;
using Imagic.Storage.Resilience;
using Microsoft.Win32.SafeHandles;
using Polly;

namespace Imagic.Worker.Models.Hub;

/// <summary>
/// Fetches the files of a plan into a folder, in chunks side by side. A journal in it says how far each chunk is, so that
/// whenever the process dies no byte that was written is fetched again. A file has its name once its hash is right.
/// </summary>
internal sealed class HubDownload(HubClient client, HubPlan plan, string folder, LocalDisk disk, TimeProvider time, IProgress<ModelTransfer>? progress)
{
    private const string PartSuffix = ".part", JournalName = ".journal";
    private const int BufferBytes = 256 << 10;

    // What a connection brings at least, or its breaking counts as a failure: a server that always breaks must not be called for ever.
    private const long Headway = 1 << 20;

    private readonly ResiliencePipeline _retry = ResiliencePipelines.Download(time, exception => exception is HubException { IsBroken: true });
    private readonly long _chunkBytes = client.Options.ChunkBytes;
    private long _done;

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var chunks = Chunks().ToArray();
        using var journal = Open(Path.Combine(folder, JournalName));
        foreach (var chunk in chunks)
        {
            chunk.Done = chunk.File.IsThere ? chunk.Length : Math.Clamp(Read(journal, chunk.Number), 0, chunk.Length);
            chunk.File.IsResumed |= chunk.Done > 0;
        }

        _done = chunks.Sum(chunk => chunk.Done);
        CheckRoom(plan.Bytes - _done);
        await Parallel.ForEachAsync(
            chunks, new ParallelOptions { MaxDegreeOfParallelism = client.Options.Connections, CancellationToken = cancellationToken },
            async (chunk, token) =>
            {
                if (chunk.File.IsThere) return;
                await FetchAsync(chunk, journal, token);
                if (Interlocked.Decrement(ref chunk.File.Open) > 0) return;
                try
                {
                    await FinishAsync(chunk.File, chunks, journal, token);
                }
                catch (HubException) when (chunk.File.IsResumed)
                {
                    // What was kept is not what was sent: a power failure loses bytes that the journal has.
                    foreach (var again in chunks.Where(other => other.File == chunk.File)) await FetchAsync(again, journal, token);
                    await FinishAsync(chunk.File, chunks, journal, token);
                }
            });
    }

    /// <summary>Compares a small file with what the hub names.</summary>
    /// <exception cref="HubException">It is another.</exception>
    public static void Check(HubFile file, byte[] content)
    {
        using var stream = new MemoryStream(content);
        Compare(file, content.Length, file.Sha256 is not null ? SHA256.HashData(stream) : GitBlob(file, stream));
    }

    /// <summary>Removes the journal, when all is there.</summary>
    public void Complete() => File.Delete(Path.Combine(folder, JournalName));

    private IEnumerable<Chunk> Chunks()
    {
        var number = 0;
        foreach (var file in plan.Files)
        {
            var path = Path.Combine(folder, file.Path);
            var target = new Target(file, path, File.Exists(path), (int)Math.Max(1, (file.Length + _chunkBytes - 1) / _chunkBytes));
            // An empty file is one empty chunk.
            for (long start = 0; start == 0 || start < file.Length; start += _chunkBytes)
                yield return new(target, number++, start, Math.Min(_chunkBytes, file.Length - start));
        }
    }

    private async Task FetchAsync(Chunk chunk, SafeFileHandle journal, CancellationToken cancellationToken)
    {
        using var part = Open(chunk.File.Path + PartSuffix);
        while (chunk.Done < chunk.Length)
        {
            await _retry.ExecuteAsync(
                async token =>
                {
                    var before = chunk.Done;
                    try
                    {
                        await ReceiveAsync(chunk, part, journal, token);
                    }
                    catch (HubException exception) when (exception.IsBroken && chunk.Done - before >= Headway)
                    {
                        // It goes on from there, with all its attempts.
                    }
                },
                cancellationToken);
        }
    }

    private async Task ReceiveAsync(Chunk chunk, SafeFileHandle part, SafeFileHandle journal, CancellationToken cancellationToken)
    {
        var (from, to) = (chunk.Start + chunk.Done, chunk.Start + chunk.Length);
        using var answer = await client.OpenAsync(plan.Model, chunk.File.Named, from, to, cancellationToken);
        var at = HubClient.StartOf(answer);
        if (at < 0 || at > from) throw HubException.OtherBytes($"{chunk.File.Named.Path} was asked for from byte {from} on and came from {at} on.");
        var buffer = ArrayPool<byte>.Shared.Rent(BufferBytes);
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        try
        {
            await using var content = await answer.Content.ReadAsStreamAsync(cancellationToken);
            while (at < to)
            {
                patience.CancelAfter(client.Options.Patience);
                var count = await content.ReadAsync(buffer.AsMemory(0, (int)Math.Min(buffer.Length, to - at)), patience.Token);
                if (count == 0) throw new IOException("the connection ended early");
                var skip = (int)Math.Clamp(from - at, 0, count);
                at += count;
                if (skip < count) Keep(chunk, buffer.AsMemory(skip, count - skip), part, journal);
            }
        }
        catch (Exception exception) when (exception is IOException or HttpRequestException || exception is OperationCanceledException && !cancellationToken.IsCancellationRequested)
        {
            var why = exception is OperationCanceledException ? $"nothing came for {client.Options.Patience.TotalSeconds:F0} s" : exception.Message;
            throw HubException.NotReached(answer.RequestMessage!.RequestUri!, why, exception);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    // The bytes first, then that they are there.
    private void Keep(Chunk chunk, ReadOnlyMemory<byte> bytes, SafeFileHandle part, SafeFileHandle journal)
    {
        disk.Do(chunk.File.Path, () =>
        {
            RandomAccess.Write(part, bytes.Span, chunk.Start + chunk.Done);
            Write(journal, chunk.Number, chunk.Done + bytes.Length);
        });
        chunk.Done += bytes.Length;
        progress?.Report(new(chunk.File.Named.Path, Interlocked.Add(ref _done, bytes.Length), plan.Bytes));
    }

    private async Task FinishAsync(Target file, Chunk[] chunks, SafeFileHandle journal, CancellationToken cancellationToken)
    {
        var part = file.Path + PartSuffix;
        try
        {
            byte[] hash;
            await using (var stream = new FileStream(part, new FileStreamOptions { BufferSize = 1 << 20, Options = FileOptions.Asynchronous | FileOptions.SequentialScan }))
                hash = file.Named.Sha256 is null ? GitBlob(file.Named, stream) : await SHA256.HashDataAsync(stream, cancellationToken);
            Compare(file.Named, new FileInfo(part).Length, hash);
        }
        catch (HubException)
        {
            foreach (var chunk in chunks.Where(chunk => chunk.File == file))
            {
                Interlocked.Add(ref _done, -chunk.Done);
                Write(journal, chunk.Number, chunk.Done = 0);
            }

            LocalDisk.TryDelete(part);
            throw;
        }

        disk.Do(part, () => File.Move(part, file.Path));
    }

    private static void Compare(HubFile file, long length, byte[] hash)
    {
        var found = Convert.ToHexStringLower(hash);
        if (length != file.Length) throw HubException.OtherBytes($"{file.Path} has {length} bytes, the hub names {file.Length}.");
        if ((file.Sha256 ?? file.GitBlob) is { } named && named != found)
            throw HubException.OtherBytes($"{file.Path} has the {(file.Sha256 is null ? "git hash" : "SHA-256")} {found}, the hub names {named}.");
    }

    [System.Diagnostics.CodeAnalysis.SuppressMessage("Security", "CA5350", Justification = "It is the name that git gives a file.")]
    private static byte[] GitBlob(HubFile file, Stream content)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA1);
        hash.AppendData(System.Text.Encoding.ASCII.GetBytes($"blob {file.Length}\0"));
        var buffer = new byte[BufferBytes];
        while (content.Read(buffer) is > 0 and var count) hash.AppendData(buffer, 0, count);
        return hash.GetHashAndReset();
    }

    private void CheckRoom(long bytes) => disk.Do(Path.Combine(folder, JournalName), () =>
    {
        var free = new DriveInfo(Path.GetFullPath(folder)).AvailableFreeSpace;
        if (free < bytes) throw new IOException($"{bytes / 1e6:F0} MB are to be fetched, and {free / 1e6:F0} MB are free.");
    });

    private SafeFileHandle Open(string path) => disk.Do(path, () =>
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        return File.OpenHandle(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.ReadWrite);
    });

    private static long Read(SafeFileHandle journal, int number)
    {
        long value = 0;
        return RandomAccess.Read(journal, MemoryMarshal.AsBytes(new Span<long>(ref value)), (long)number * sizeof(long)) == sizeof(long) ? value : 0;
    }

    private static void Write(SafeFileHandle journal, int number, long value) =>
        RandomAccess.Write(journal, MemoryMarshal.AsBytes(new ReadOnlySpan<long>(ref value)), (long)number * sizeof(long));

    private sealed class Target(HubFile named, string path, bool isThere, int chunks)
    {
        // Chunks that are still to come.
        public int Open = chunks;

        public HubFile Named { get; } = named;

        public string Path { get; } = path;

        /// <summary>Whether it was fetched whole before.</summary>
        public bool IsThere { get; } = isThere;

        /// <summary>Whether a part of it was.</summary>
        public bool IsResumed { get; set; }
    }

    private sealed class Chunk(Target file, int number, long start, long length)
    {
        public Target File { get; } = file;

        public int Number { get; } = number;

        public long Start { get; } = start;

        public long Length { get; } = length;

        public long Done { get; set; }
    }
}

using System.Buffers;
using Imagic.Editing;
using Imagic.Storage.Resilience;
using Microsoft.Win32.SafeHandles;
using Polly;

namespace Imagic.Worker.Models.Hub;

/// <summary>
/// Fetches the files of a plan into a folder, in chunks side by side. Whenever the process dies, no byte that was written is
/// fetched again. A file has its name once its hash is right.
/// </summary>
internal sealed class HubDownload(HubClient client, HubPlan plan, string folder, LocalDisk disk, TimeProvider time, IProgress<ModelTransfer>? progress)
{
    private const int BufferBytes = 256 << 10;

    // What a connection brings at least, or its breaking counts as a failure: a server that always breaks must not be called for ever.
    private const long Headway = 1 << 20;

    private readonly ResiliencePipeline _retry = ResiliencePipelines.Download(time, exception => exception is HubException { IsBroken: true });
    private readonly string _journalPath = Path.Combine(folder, ".journal");
    private long _done;

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        using var journal = new HubJournal(Open(_journalPath), plan.Files, folder, client.Options.ChunkBytes);
        _done = journal.Chunks.Sum(chunk => chunk.Done);
        CheckRoom(plan.Bytes - _done);
        await Parallel.ForEachAsync(
            journal.Chunks, new ParallelOptions { MaxDegreeOfParallelism = client.Options.Connections, CancellationToken = cancellationToken },
            async (chunk, token) =>
            {
                var file = chunk.File;
                if (file.IsThere) return;
                await FetchAsync(chunk, journal, token);
                if (Interlocked.Decrement(ref file.Open) > 0) return;
                try
                {
                    await FinishAsync(file, journal, token);
                }
                catch (HubException) when (file.IsResumed)
                {
                    // What was kept is not what was sent: a power failure loses bytes that the journal has.
                    foreach (var again in journal.Chunks.Where(other => other.File == file)) await FetchAsync(again, journal, token);
                    await FinishAsync(file, journal, token);
                }
            });
    }

    /// <summary>Removes the journal, when all is there.</summary>
    public void Complete() => File.Delete(_journalPath);

    private async Task FetchAsync(HubChunk chunk, HubJournal journal, CancellationToken cancellationToken)
    {
        using var part = Open(chunk.File.PartPath);
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

    private async Task ReceiveAsync(HubChunk chunk, SafeFileHandle part, HubJournal journal, CancellationToken cancellationToken)
    {
        var (from, to) = (chunk.Start + chunk.Done, chunk.Start + chunk.Length);
        using var answer = await client.OpenAsync(plan.ModelOf(chunk.File.Named), chunk.File.Named, from, to, cancellationToken);
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
    private void Keep(HubChunk chunk, ReadOnlyMemory<byte> bytes, SafeFileHandle part, HubJournal journal)
    {
        disk.Do(chunk.File.Path, () =>
        {
            RandomAccess.Write(part, bytes.Span, chunk.Start + chunk.Done);
            journal.Write(chunk, chunk.Done + bytes.Length);
        });
        progress?.Report(new(chunk.File.Named.Path, Interlocked.Add(ref _done, bytes.Length), plan.Bytes));
    }

    private async Task FinishAsync(HubPart file, HubJournal journal, CancellationToken cancellationToken)
    {
        try
        {
            await disk.DoAsync(file.PartPath, async () =>
            {
                await using var stream = new FileStream(file.PartPath, new FileStreamOptions { BufferSize = 0, Options = FileOptions.Asynchronous | FileOptions.SequentialScan });
                await file.Named.CheckAsync(stream, cancellationToken);
                return 0;
            });
        }
        catch (HubException)
        {
            journal.Reset(file);
            Interlocked.Add(ref _done, -file.Named.Length);
            LocalDisk.TryDelete(file.PartPath);
            throw;
        }

        disk.Do(file.Path, () => File.Move(file.PartPath, file.Path));
    }

    private void CheckRoom(long bytes) => disk.Do(_journalPath, () =>
    {
        var free = new DriveInfo(Path.GetFullPath(folder)).AvailableFreeSpace;
        if (free < bytes) throw new IOException($"{bytes / 1e6:F0} MB are to be fetched, and {free / 1e6:F0} MB are free.");
    });

    private SafeFileHandle Open(string path) => disk.Do(path, () =>
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        return File.OpenHandle(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.ReadWrite);
    });
}

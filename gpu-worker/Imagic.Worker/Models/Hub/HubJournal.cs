using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Imagic.Worker.Models.Hub;

/// <summary>A part of a file that one connection fetches.</summary>
internal sealed class HubChunk(HubPart file, int number, long start, long length)
{
    public HubPart File { get; } = file;

    public int Number { get; } = number;

    public long Start { get; } = start;

    public long Length { get; } = length;

    /// <summary>Bytes that are on the disk.</summary>
    public long Done { get; set; }
}

/// <summary>A file on its way.</summary>
internal sealed class HubPart(HubFile named, string path, int chunks)
{
    /// <summary>Chunks that are still to come.</summary>
    public int Open = chunks;

    public HubFile Named { get; } = named;

    /// <summary>Where it goes once it is whole.</summary>
    public string Path { get; } = path;

    /// <summary>Where it is until then.</summary>
    public string PartPath => $"{Path}.part";

    /// <summary>Whether it was fetched whole before.</summary>
    public bool IsThere { get; } = System.IO.File.Exists(path);

    /// <summary>Whether a part of it was.</summary>
    public bool IsResumed { get; set; }
}

/// <summary>How far each chunk of a download is: eight bytes for each, in a file beside.</summary>
internal sealed class HubJournal : IDisposable
{
    private readonly SafeFileHandle _file;

    /// <param name="file">Where it is open.</param>
    /// <param name="files">All files, in an order that is the same each time.</param>
    /// <param name="folder">Where they go.</param>
    /// <param name="chunkBytes">Size of a chunk.</param>
    public HubJournal(SafeFileHandle file, IReadOnlyList<HubFile> files, string folder, long chunkBytes)
    {
        _file = file;
        foreach (var named in files)
        {
            // An empty file is one empty chunk.
            var count = (int)Math.Max(1, (named.Length + chunkBytes - 1) / chunkBytes);
            var part = new HubPart(named, Path.Combine(folder, named.Folder, named.Path), count);
            for (var i = 0; i < count; i++)
            {
                var chunk = new HubChunk(part, Chunks.Count, i * chunkBytes, Math.Min(chunkBytes, named.Length - (i * chunkBytes)));
                chunk.Done = part.IsThere ? chunk.Length : Math.Clamp(Read(chunk.Number), 0, chunk.Length);
                part.IsResumed |= chunk.Done > 0;
                Chunks.Add(chunk);
            }
        }
    }

    public List<HubChunk> Chunks { get; } = [];

    /// <summary>Notes how much of a chunk is on the disk.</summary>
    public void Write(HubChunk chunk, long done)
    {
        RandomAccess.Write(_file, MemoryMarshal.AsBytes(new ReadOnlySpan<long>(ref done)), (long)chunk.Number * sizeof(long));
        chunk.Done = done;
    }

    /// <summary>Forgets a file.</summary>
    public void Reset(HubPart file)
    {
        foreach (var chunk in Chunks.Where(chunk => chunk.File == file)) Write(chunk, 0);
    }

    public void Dispose() => _file.Dispose();

    private long Read(int number)
    {
        long value = 0;
        return RandomAccess.Read(_file, MemoryMarshal.AsBytes(new Span<long>(ref value)), (long)number * sizeof(long)) == sizeof(long) ? value : 0;
    }
}

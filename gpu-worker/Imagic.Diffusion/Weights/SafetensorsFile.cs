using System.Buffers.Binary;
using Microsoft.Win32.SafeHandles;
using static TorchSharp.torch;

namespace Imagic.Diffusion.Weights;

/// <summary>
/// Reads tensors from a safetensors file or from such a file's bytes in memory. Bytes go straight into the
/// destination's memory by positioned reads: no copy of the whole file is ever held, and a file that shrinks while it
/// is read is an exception where a memory map would be a crash. Safe for concurrent readers.
/// </summary>
public sealed class SafetensorsFile : IDisposable
{
    private const int LengthBytes = sizeof(ulong);
    private const int ChunkBytes = 1 << 26; // bounds the staging memory; spans end at 2 GiB

    private readonly SafeFileHandle? _handle;
    private readonly ReadOnlyMemory<byte> _memory;
    private readonly SafetensorsHeader _header;
    private readonly long _dataOffset;

    private SafetensorsFile(string name, SafeFileHandle? handle, ReadOnlyMemory<byte> memory)
    {
        (Name, _handle, _memory) = (name, handle, memory);
        var length = handle is null ? memory.Length : RandomAccess.GetLength(handle);
        if (length < LengthBytes)
            throw new ModelPackageException(name, $"{length} bytes are too few for a safetensors file.");
        Span<byte> prefix = stackalloc byte[LengthBytes];
        ReadExactly(0, prefix);
        var headerLength = BinaryPrimitives.ReadUInt64LittleEndian(prefix);
        if (headerLength > SafetensorsHeader.MaxBytes || (long)headerLength > length - LengthBytes)
        {
            throw new ModelPackageException(
                name,
                $"it claims a header of {headerLength} bytes, but it has {length} bytes and headers at most "
                + $"{SafetensorsHeader.MaxBytes}: it is truncated or no safetensors file.");
        }

        var json = new byte[headerLength];
        ReadExactly(LengthBytes, json);
        _dataOffset = LengthBytes + (long)headerLength;
        _header = SafetensorsHeader.Parse(name, json, length - _dataOffset);
    }

    /// <summary>What error messages call this file.</summary>
    public string Name { get; }

    /// <summary>All tensors by key.</summary>
    public IReadOnlyDictionary<string, SafetensorsEntry> Entries => _header.Entries;

    /// <summary>The header's <c>__metadata__</c>; empty when there is none.</summary>
    public IReadOnlyDictionary<string, string> Metadata => _header.Metadata;

    /// <summary>Opens a file and reads its header only.</summary>
    /// <exception cref="ModelPackageException">The file is missing, unreadable, or has a broken header.</exception>
    public static SafetensorsFile Open(string path)
    {
        SafeFileHandle? handle = null;
        try
        {
            handle = PackageFile.OpenHandle(path);
            return new SafetensorsFile(path, handle, default);
        }
        catch (Exception e)
        {
            handle?.Dispose();
            if (e is not (IOException or UnauthorizedAccessException)) throw;
            throw new ModelPackageException(path, $"cannot be read: {e.Message}", e);
        }
    }

    /// <summary>Reads a file that is already in memory; <paramref name="name"/> is for error messages.</summary>
    /// <exception cref="ModelPackageException">The header is broken.</exception>
    public static SafetensorsFile Read(ReadOnlyMemory<byte> bytes, string name) => new(name, null, bytes);

    /// <summary>A new CPU tensor with the dtype and shape on disk.</summary>
    /// <exception cref="ModelPackageException">There is no such tensor, or the file ends early.</exception>
    public Tensor ReadTensor(string name)
    {
        var entry = Find(name);
        var tensor = empty(entry.Shape, dtype: entry.Dtype);
        CopyTo(name, tensor);
        return tensor;
    }

    /// <summary>Fills a contiguous tensor of the same number of elements, converting to its dtype and device.</summary>
    /// <exception cref="ModelPackageException">There is no such tensor, or the file ends early.</exception>
    public void CopyTo(string name, Tensor destination)
    {
        var entry = Find(name);
        if (destination.numel() != entry.Count)
            throw new ArgumentException($"'{name}' has {entry.Count} elements, the destination {destination.numel()}.");
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        var flat = destination.view(-1);
        var elementSize = SafetensorsDtype.ElementSize(entry.Dtype);
        var chunk = Math.Min(ChunkBytes / elementSize, entry.Count);
        var isDirect = destination.dtype == entry.Dtype && destination.device_type == TorchSharp.DeviceType.CPU;
        var staging = isDirect ? null : empty([chunk], dtype: entry.Dtype);
        for (var start = 0L; start < entry.Count; start += chunk)
        {
            var count = Math.Min(chunk, entry.Count - start);
            var piece = flat.narrow(0, start, count);
            var target = staging?.narrow(0, 0, count) ?? piece;
            ReadExactly(_dataOffset + entry.Offset + (start * elementSize), target.bytes);
            if (!isDirect) piece.copy_(target);
        }
    }

    public void Dispose() => _handle?.Dispose();

    private SafetensorsEntry Find(string name) =>
        Entries.GetValueOrDefault(name) ?? throw new ModelPackageException(Name, $"there is no tensor '{name}'.");

    private void ReadExactly(long offset, Span<byte> destination)
    {
        if (_handle is null)
        {
            _memory.Span.Slice((int)offset, destination.Length).CopyTo(destination);
            return;
        }

        while (destination.Length > 0)
        {
            var read = Read(_handle, destination, offset);
            if (read == 0)
                throw new ModelPackageException(Name, $"the file ends at byte {offset}, in the middle of its data.");
            offset += read;
            destination = destination[read..];
        }
    }

    private int Read(SafeFileHandle handle, Span<byte> destination, long offset)
    {
        try
        {
            return RandomAccess.Read(handle, destination, offset);
        }
        catch (IOException e)
        {
            throw new ModelPackageException(Name, $"cannot be read: {e.Message}", e);
        }
    }
}

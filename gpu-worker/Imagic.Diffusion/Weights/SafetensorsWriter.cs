using System.Buffers.Binary;
using System.Text.Json;
using static TorchSharp.torch;

namespace Imagic.Diffusion.Weights;

/// <summary>
/// Writes safetensors files. The same tensors give the same bytes: wider element types come first, so that every
/// tensor is aligned to its element size as the reference implementation has it, otherwise the given order holds.
/// </summary>
public static class SafetensorsWriter
{
    /// <summary>The metadata that libraries ask for before they load a file.</summary>
    public static readonly IReadOnlyDictionary<string, string> PyTorch = new Dictionary<string, string> { ["format"] = "pt" };

    private const int Alignment = 8;
    private const int ChunkBytes = 1 << 26;

    /// <summary>
    /// Writes tensors of any device to a stream, which is left open and need not seek. Memory beyond the tensors is
    /// one chunk of 64 MiB where a tensor is not on the CPU or not contiguous.
    /// </summary>
    /// <returns>Number of bytes written.</returns>
    /// <exception cref="ArgumentException">Two tensors have one name, or a dtype is not one of the format's.</exception>
    public static long Write(
        Stream stream,
        IReadOnlyList<(string Name, Tensor Value)> tensors,
        IReadOnlyDictionary<string, string>? metadata = null) => Write(stream, Held(tensors), metadata);

    /// <summary>Writes tensors that are made one at a time, each when it is its turn.</summary>
    /// <inheritdoc cref="Write(Stream, IReadOnlyList{ValueTuple{string, Tensor}}, IReadOnlyDictionary{string, string})"/>
    public static long Write(Stream stream, IReadOnlyList<TensorToWrite> tensors, IReadOnlyDictionary<string, string>? metadata = null)
    {
        TensorToWrite[] ordered = [.. tensors.OrderByDescending(tensor => SafetensorsDtype.ElementSize(tensor.Dtype))];
        var header = Header(ordered, metadata);
        Span<byte> length = stackalloc byte[sizeof(ulong)];
        BinaryPrimitives.WriteUInt64LittleEndian(length, (ulong)header.Length);
        stream.Write(length);
        stream.Write(header);
        long written = length.Length + header.Length;
        foreach (var tensor in ordered)
        {
            WriteData(stream, tensor);
            written += tensor.ByteCount;
        }

        return written;
    }

    /// <summary>Writes a file that appears whole or stays what it was, whenever the process dies.</summary>
    /// <exception cref="ArgumentException">Two tensors have one name, or a dtype is not one of the format's.</exception>
    public static void WriteFile(
        string path, IReadOnlyList<(string Name, Tensor Value)> tensors, IReadOnlyDictionary<string, string>? metadata = null) =>
        WriteFile(path, Held(tensors), metadata);

    /// <inheritdoc cref="WriteFile(string, IReadOnlyList{ValueTuple{string, Tensor}}, IReadOnlyDictionary{string, string})"/>
    public static void WriteFile(string path, IReadOnlyList<TensorToWrite> tensors, IReadOnlyDictionary<string, string>? metadata = null)
    {
        var partial = path + ".partial";
        using (var file = new FileStream(partial, FileMode.Create, FileAccess.Write, FileShare.None, 1 << 20))
        {
            Write(file, tensors, metadata);
            file.Flush(flushToDisk: true);
        }

        File.Move(partial, path, overwrite: true);
    }

    // They are the caller's: what is written of them is an alias.
    private static IReadOnlyList<TensorToWrite> Held(IReadOnlyList<(string Name, Tensor Value)> tensors) =>
        [.. tensors.Select(tensor => new TensorToWrite(tensor.Name, tensor.Value.dtype, tensor.Value.shape, () => tensor.Value.alias()))];

    private static byte[] Header(TensorToWrite[] tensors, IReadOnlyDictionary<string, string>? metadata)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            if (metadata is not null) WriteMetadata(json, metadata);
            var names = new HashSet<string> { SafetensorsHeader.MetadataKey };
            var offset = 0L;
            foreach (var tensor in tensors)
            {
                if (!names.Add(tensor.Name)) throw new ArgumentException($"The tensor name '{tensor.Name}' is taken.");
                json.WriteStartObject(tensor.Name);
                json.WriteString("dtype", SafetensorsDtype.NameOf(tensor.Dtype));
                WriteIntegers(json, "shape", tensor.Shape);
                WriteIntegers(json, "data_offsets", [offset, offset += tensor.ByteCount]);
                json.WriteEndObject();
            }

            json.WriteEndObject();
        }

        while (buffer.Length % Alignment != 0) buffer.WriteByte((byte)' '); // aligns the data for readers that map it
        return buffer.ToArray();
    }

    private static void WriteMetadata(Utf8JsonWriter json, IReadOnlyDictionary<string, string> metadata)
    {
        json.WriteStartObject(SafetensorsHeader.MetadataKey);
        foreach (var (key, value) in metadata.OrderBy(pair => pair.Key, StringComparer.Ordinal))
        {
            json.WriteString(key, value);
        }

        json.WriteEndObject();
    }

    private static void WriteIntegers(Utf8JsonWriter json, string name, long[] values)
    {
        json.WriteStartArray(name);
        foreach (var value in values) json.WriteNumberValue(value);
        json.WriteEndArray();
    }

    private static void WriteData(Stream stream, TensorToWrite tensor)
    {
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        var flat = tensor.Make().contiguous().view(-1);
        long chunk = ChunkBytes / SafetensorsDtype.ElementSize(tensor.Dtype);
        for (var start = 0L; start < flat.numel(); start += chunk)
        {
            using var piece = flat.narrow(0, start, Math.Min(chunk, flat.numel() - start)).cpu();
            stream.Write(piece.bytes);
        }
    }
}

/// <summary>A tensor that is made when it is written, and freed then.</summary>
/// <param name="Name">Key.</param>
/// <param name="Dtype">Element type.</param>
/// <param name="Shape">Sizes.</param>
/// <param name="Make">Gives a tensor of that type and shape, which the writer disposes.</param>
public sealed record TensorToWrite(string Name, ScalarType Dtype, long[] Shape, Func<Tensor> Make)
{
    internal long ByteCount => Shape.Aggregate((long)SafetensorsDtype.ElementSize(Dtype), (product, size) => product * size);
}

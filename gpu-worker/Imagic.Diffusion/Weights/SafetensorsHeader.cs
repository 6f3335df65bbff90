using System.Text.Json;
using static TorchSharp.torch;

namespace Imagic.Diffusion.Weights;

/// <summary>
/// The table of contents of a safetensors file (huggingface/safetensors <c>README.md</c>, "Format"). Parsing trusts
/// nothing: what it accepts has known dtypes and byte ranges that cover the data exactly, without overlap.
/// </summary>
internal sealed record SafetensorsHeader(
    IReadOnlyDictionary<string, SafetensorsEntry> Entries, IReadOnlyDictionary<string, string> Metadata)
{
    /// <summary>The same limit as the reference implementation's (<c>safetensors/src/tensor.rs</c>).</summary>
    public const int MaxBytes = 100_000_000;

    public const string MetadataKey = "__metadata__";

    /// <param name="file">Name for error messages.</param>
    /// <param name="json">The header without its length.</param>
    /// <param name="dataLength">Bytes that follow the header.</param>
    /// <exception cref="ModelPackageException">The header is not well-formed or does not fit the data.</exception>
    public static SafetensorsHeader Parse(string file, ReadOnlyMemory<byte> json, long dataLength)
    {
        try
        {
            using var document = JsonDocument.Parse(json, new JsonDocumentOptions { AllowDuplicateProperties = false });
            return Read(file, document.RootElement, dataLength);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // InvalidOperationException: a name or string that is no Unicode, such as a lone surrogate's escape
            throw new ModelPackageException(file, $"the safetensors header is not valid JSON: {e.Message}", e);
        }
    }

    private static SafetensorsHeader Read(string file, JsonElement root, long dataLength)
    {
        if (root.ValueKind != JsonValueKind.Object)
            throw new ModelPackageException(file, $"the safetensors header is a JSON {root.ValueKind}, expected Object.");
        var entries = new Dictionary<string, SafetensorsEntry>();
        var metadata = new Dictionary<string, string>();
        foreach (var property in root.EnumerateObject())
        {
            if (property.Name == MetadataKey) ReadMetadata(file, property.Value, metadata);
            else entries.Add(property.Name, ReadEntry(file, property.Name, property.Value));
        }

        CheckLayout(file, entries.Values, dataLength);
        return new SafetensorsHeader(entries, metadata);
    }

    private static void ReadMetadata(string file, JsonElement value, Dictionary<string, string> metadata)
    {
        if (value.ValueKind != JsonValueKind.Object)
            throw new ModelPackageException(file, $"'{MetadataKey}' is a JSON {value.ValueKind}, expected Object.");
        foreach (var (key, text) in value.EnumerateObject().Select(property => (property.Name, property.Value)))
        {
            if (text.ValueKind != JsonValueKind.String)
                throw new ModelPackageException(file, $"'{MetadataKey}' has a {text.ValueKind} at '{key}', expected String.");
            metadata.Add(key, text.GetString()!);
        }
    }

    private static SafetensorsEntry ReadEntry(string file, string name, JsonElement value)
    {
        if (value.ValueKind != JsonValueKind.Object) throw Fail($"is a JSON {value.ValueKind}, expected Object");
        if (!value.TryGetProperty("dtype", out var dtypeName) || dtypeName.ValueKind != JsonValueKind.String)
            throw Fail("has no dtype");
        if (SafetensorsDtype.Parse(dtypeName.GetString()!) is not { } dtype)
            throw Fail($"has dtype {dtypeName.GetString()}; supported are {SafetensorsDtype.Names}");
        if (ReadIntegers(value, "shape") is not { } shape) throw Fail("has no shape of non-negative integers");
        if (ReadIntegers(value, "data_offsets") is not [var begin, var end]) throw Fail("has no two data_offsets");
        if (end < begin) throw Fail($"ends at byte {end}, before its begin {begin}");
        if (Count(shape) is not { } count) throw Fail($"has the impossible shape {Format(shape)}");

        // Count is at most 2^60, so the product with an element size fits
        if (count * SafetensorsDtype.ElementSize(dtype) is var expected && end - begin != expected)
            throw Fail($"takes {end - begin} bytes, expected {expected} for {dtypeName.GetString()} {Format(shape)}");
        return new SafetensorsEntry(name, dtype, shape, begin, count);

        ModelPackageException Fail(string problem) => new(file, $"tensor '{name}' {problem}.");
        static string Format(long[] shape) => $"[{string.Join(", ", shape)}]";
    }

    private static long[]? ReadIntegers(JsonElement entry, string property)
    {
        if (!entry.TryGetProperty(property, out var array) || array.ValueKind != JsonValueKind.Array) return null;
        var integers = new List<long>();
        foreach (var element in array.EnumerateArray())
        {
            if (element.ValueKind != JsonValueKind.Number || !element.TryGetInt64(out var integer)) return null;
            if (integer < 0) return null;
            integers.Add(integer);
        }

        return [.. integers];
    }

    private static long? Count(long[] shape)
    {
        Int128 count = 1;
        foreach (var size in shape)
        {
            count *= size; // both factors are below 2^63, so the product does not overflow
            if (count > 1L << 60) return null;
        }

        return (long)count;
    }

    private static void CheckLayout(string file, IEnumerable<SafetensorsEntry> entries, long dataLength)
    {
        var end = 0L;
        foreach (var entry in entries.OrderBy(entry => entry.Offset).ThenBy(entry => entry.ByteCount))
        {
            if (entry.Offset != end)
            {
                throw new ModelPackageException(
                    file,
                    $"tensor '{entry.Name}' begins at byte {entry.Offset} where the one before it ends at {end}: "
                    + "tensors may neither overlap nor leave gaps.");
            }

            if (entry.ByteCount > dataLength - end)
            {
                throw new ModelPackageException(
                    file,
                    $"tensor '{entry.Name}' ends at byte {end + entry.ByteCount}, but the file has only {dataLength} bytes "
                    + "of data: it is truncated. Fetch it again.");
            }

            end += entry.ByteCount;
        }

        if (end != dataLength)
            throw new ModelPackageException(file, $"{dataLength - end} bytes follow the last tensor, expected none.");
    }
}

/// <summary>One tensor of a safetensors file: what it is and where its bytes are.</summary>
/// <param name="Name">Key, e.g. <c>conv_in.weight</c>.</param>
/// <param name="Dtype">Element type on disk.</param>
/// <param name="Shape">Sizes; empty for a scalar.</param>
/// <param name="Offset">First byte, counted from the end of the header.</param>
/// <param name="Count">Number of elements.</param>
public sealed record SafetensorsEntry(string Name, ScalarType Dtype, long[] Shape, long Offset, long Count)
{
    /// <summary>Bytes on disk.</summary>
    public long ByteCount => Count * SafetensorsDtype.ElementSize(Dtype);
}

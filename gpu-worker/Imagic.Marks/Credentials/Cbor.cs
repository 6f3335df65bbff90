using System.Formats.Cbor;
using System.Globalization;

namespace Imagic.Marks.Credentials;

/// <summary>CBOR (RFC 8949) as pieces that are put together, and as plain values.</summary>
internal static class Cbor
{
    private const int MostDeep = 32, MostValues = 100_000;

    public static byte[] Map(params ReadOnlySpan<(string Key, byte[] Value)> entries)
    {
        var writer = new CborWriter();
        writer.WriteStartMap(entries.Length);
        foreach (var (key, value) in entries)
        {
            writer.WriteTextString(key);
            writer.WriteEncodedValue(value);
        }

        writer.WriteEndMap();
        return writer.Encode();
    }

    public static byte[] List(params ReadOnlySpan<byte[]> values)
    {
        var writer = new CborWriter();
        writer.WriteStartArray(values.Length);
        foreach (var value in values) writer.WriteEncodedValue(value);
        writer.WriteEndArray();
        return writer.Encode();
    }

    public static byte[] Text(string value) => Written(writer => writer.WriteTextString(value));

    public static byte[] Bytes(byte[] value) => Written(writer => writer.WriteByteString(value));

    public static byte[] Number(int value) => Written(writer => writer.WriteInt32(value));

    /// <summary>Whole seconds, as a date and time with its tag.</summary>
    public static byte[] Date(DateTimeOffset value) => Written(writer =>
    {
        writer.WriteTag(CborTag.DateTimeString);
        writer.WriteTextString(value.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture));
    });

    /// <summary>A value as a dictionary by text, a list, <see cref="string"/>, <see cref="long"/>, <see cref="bool"/>, bytes as memory,
    /// or null for what C2PA does not use; tags are dropped.</summary>
    /// <exception cref="FormatException">It is no CBOR, or more than any manifest needs.</exception>
    public static object? Read(ReadOnlyMemory<byte> bytes)
    {
        try
        {
            var left = MostValues;
            return Value(new(bytes, CborConformanceMode.Lax, allowMultipleRootLevelValues: true), 0, ref left);
        }
        catch (Exception exception) when (exception is CborContentException or InvalidOperationException or OverflowException or ArgumentException)
        {
            throw new FormatException("The manifest has a part that is no CBOR.", exception);
        }
    }

    private static object? Value(CborReader reader, int depth, ref int left)
    {
        if (depth > MostDeep || --left < 0) throw new FormatException("The manifest has a part with too many values.");
        switch (reader.PeekState())
        {
            case CborReaderState.Tag:
                reader.ReadTag();
                return Value(reader, depth + 1, ref left);
            case CborReaderState.TextString or CborReaderState.StartIndefiniteLengthTextString: return reader.ReadTextString();
            case CborReaderState.ByteString or CborReaderState.StartIndefiniteLengthByteString: return (ReadOnlyMemory<byte>)reader.ReadByteString();
            case CborReaderState.UnsignedInteger or CborReaderState.NegativeInteger: return reader.ReadInt64();
            case CborReaderState.Boolean: return reader.ReadBoolean();
            case CborReaderState.StartArray:
                var list = new List<object?>();
                for (reader.ReadStartArray(); reader.PeekState() != CborReaderState.EndArray;) list.Add(Value(reader, depth + 1, ref left));
                reader.ReadEndArray();
                return list;
            case CborReaderState.StartMap:
                var map = new Dictionary<string, object?>(StringComparer.Ordinal);
                for (reader.ReadStartMap(); reader.PeekState() != CborReaderState.EndMap;)
                {
                    var key = Value(reader, depth + 1, ref left);
                    var value = Value(reader, depth + 1, ref left);
                    if (key is string text) map.TryAdd(text, value);
                }

                reader.ReadEndMap();
                return map;
            default:
                reader.SkipValue();
                return null;
        }
    }

    private static byte[] Written(Action<CborWriter> write)
    {
        var writer = new CborWriter();
        write(writer);
        return writer.Encode();
    }
}

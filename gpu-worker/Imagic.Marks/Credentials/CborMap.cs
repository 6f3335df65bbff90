namespace Imagic.Marks.Credentials;

/// <summary>A map of CBOR whose values are what they should be, or not there.</summary>
internal sealed class CborMap(IReadOnlyDictionary<string, object?> values)
{
    /// <exception cref="FormatException">It is no map.</exception>
    public static CborMap Read(ReadOnlyMemory<byte> bytes) =>
        Cbor.Read(bytes) is IReadOnlyDictionary<string, object?> values ? new(values) : throw new FormatException("The manifest has a part that is no map.");

    public string? Text(string key) => values.GetValueOrDefault(key) as string;

    public long? Number(string key) => values.GetValueOrDefault(key) as long?;

    public ReadOnlyMemory<byte>? Bytes(string key) => values.GetValueOrDefault(key) as ReadOnlyMemory<byte>?;

    public CborMap? Map(string key) => values.GetValueOrDefault(key) is IReadOnlyDictionary<string, object?> map ? new(map) : null;

    /// <summary>The maps of a list, or the one map that is there instead.</summary>
    public IEnumerable<CborMap> Maps(string key) => values.GetValueOrDefault(key) switch
    {
        List<object?> list => list.OfType<IReadOnlyDictionary<string, object?>>().Select(map => new CborMap(map)),
        IReadOnlyDictionary<string, object?> map => [new(map)],
        _ => [],
    };
}

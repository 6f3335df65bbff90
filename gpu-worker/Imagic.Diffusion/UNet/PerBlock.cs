using System.Text.Json;
using System.Text.Json.Serialization;

namespace Imagic.Diffusion.UNet;

/// <summary>
/// A number per resolution level, finest first; diffusers' configurations say one for all, <c>8</c>, or a list,
/// <c>[5, 10, 20, 20]</c>. The default value is 1 for all.
/// </summary>
[JsonConverter(typeof(PerBlockJsonConverter))]
public readonly record struct PerBlock(params IReadOnlyList<int> Values)
{
    /// <summary>One number, or one for each level.</summary>
    public IReadOnlyList<int> Values { get => field ?? [1]; } = Values;

    /// <summary>The number of a level.</summary>
    public int this[int level] => Values.Count == 1 ? Values[0] : Values[level];

    /// <summary>The same number for every level.</summary>
    public static implicit operator PerBlock(int value) => new(value);

    public override string ToString() => Values.Count == 1 ? $"{Values[0]}" : $"[{string.Join(", ", Values)}]";
}

/// <summary>A number that some files say as a list, once per axis or level; only equal ones are one number.</summary>
internal sealed class OneNumberJsonConverter : JsonConverter<int>
{
    private static readonly PerBlockJsonConverter Lists = new();

    public override int Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        var values = Lists.Read(ref reader, typeof(PerBlock), options).Values;
        return values.Distinct().Count() == 1 ? values[0] : throw new JsonException("The numbers of the list are not one and the same.");
    }

    public override void Write(Utf8JsonWriter writer, int value, JsonSerializerOptions options) => writer.WriteNumberValue(value);
}

internal sealed class PerBlockJsonConverter : JsonConverter<PerBlock>
{
    public override PerBlock Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        if (reader.TokenType != JsonTokenType.StartArray) return reader.GetInt32();
        var values = new List<int>();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray) values.Add(reader.GetInt32());
        return new(values);
    }

    public override void Write(Utf8JsonWriter writer, PerBlock value, JsonSerializerOptions options) =>
        writer.WriteRawValue(value.ToString());
}

using System.Text.Json;
using System.Text.Json.Serialization;

namespace Imagic.Lab.EmojiEdBench;

/// <summary>One drawing of the data set, the one without skin tone.</summary>
/// <param name="Concept">CLDR's name.</param>
public sealed record StyledConcept(string Style, string Concept);

/// <summary>What an edit changes.</summary>
public enum EditKind
{
    [JsonStringEnumMemberName("colour")]
    Colour,

    /// <summary>Something is added, the rest stays.</summary>
    [JsonStringEnumMemberName("addition")]
    Addition,

    /// <summary>One animal, dish or thing for another.</summary>
    [JsonStringEnumMemberName("replacement")]
    Replacement,

    /// <summary>Of a face, a hand or a body: not a rigid change.</summary>
    [JsonStringEnumMemberName("expression")]
    Expression,

    /// <summary>The concept stays, drawn in another style.</summary>
    [JsonStringEnumMemberName("style")]
    Style,
}

/// <summary>One line of edits.jsonl or tuning.jsonl.</summary>
/// <param name="Id">Unique, and a file name.</param>
/// <param name="Source">A drawing that no model was trained on.</param>
/// <param name="Target">A drawing that shows what the edited picture is to look like.</param>
/// <param name="Text">The target text, in the words of the training captions.</param>
public sealed record BenchEdit(string Id, EditKind Kind, StyledConcept Source, StyledConcept Target, string Text);

/// <summary>The edits that are part of the program.</summary>
public static class BenchEdits
{
    /// <summary>100 edits, 20 of each kind: what is reported.</summary>
    public static IReadOnlyList<BenchEdit> Bench { get; } = Read("edits.jsonl");

    /// <summary>20 edits of other sources: what η, s and learning rates are chosen by.</summary>
    public static IReadOnlyList<BenchEdit> Tuning { get; } = Read("tuning.jsonl");

    private static BenchEdit[] Read(string resource)
    {
        using var reader = new StreamReader(typeof(BenchEdits).Assembly.GetManifestResourceStream(resource)!);
        var edits = new List<BenchEdit>();
        while (reader.ReadLine() is { } line)
            edits.Add(JsonSerializer.Deserialize(line, LabJson.Default.BenchEdit)!);
        return [.. edits];
    }
}

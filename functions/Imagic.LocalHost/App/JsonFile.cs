using System.Text.Json;

namespace Imagic.LocalHost.App;

/// <summary>A settings file of the app. Names are read in any case, as the host does; what is wrong is said with the file's name.</summary>
/// <param name="path">Where it is.</param>
/// <param name="name">What to call it in errors.</param>
internal sealed class JsonFile(string path, string name)
{
    private static readonly JsonDocumentOptions Lenient = new() { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true };

    /// <summary>An error about this file.</summary>
    public FunctionAppException Problem(string what, Exception? inner = null) => new($"{name} {what}.", inner);

    /// <summary>Reads the file.</summary>
    public JsonElement ReadObject()
    {
        try
        {
            using var document = JsonDocument.Parse(File.ReadAllBytes(path), Lenient);
            return document.RootElement.ValueKind == JsonValueKind.Object
                ? document.RootElement.Clone()
                : throw Problem("is no JSON object");
        }
        catch (JsonException exception)
        {
            throw Problem($"is no JSON: {exception.Message.TrimEnd('.')}", exception);
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new FunctionAppException($"There is no {path}. The folder must hold a built function app.", exception);
        }
    }

    /// <summary>A member that is an object.</summary>
    public JsonElement? Object(JsonElement parent, string member) => Member(parent, member, JsonValueKind.Object, "an object");

    /// <summary>A member that is a string; a number is read as its text.</summary>
    public string? Text(JsonElement parent, string member) => Find(parent, member) switch
    {
        null or { ValueKind: JsonValueKind.Null } => null,
        { ValueKind: JsonValueKind.String } text => text.GetString(),
        { ValueKind: JsonValueKind.Number } number => number.GetRawText(),
        _ => throw Problem($"has a '{member}' that is no string"),
    };

    /// <summary>A member that is a list of strings.</summary>
    public IReadOnlyList<string> Texts(JsonElement parent, string member) =>
        Member(parent, member, JsonValueKind.Array, "a list") is not { } list
            ? []
            : [.. list.EnumerateArray().Select(item => item.ValueKind == JsonValueKind.String
                ? item.GetString()!
                : throw Problem($"has a '{member}' with something else than strings in it"))];

    /// <summary>The objects of a member that is a list of objects.</summary>
    public IReadOnlyList<JsonElement> Objects(JsonElement parent, string member) =>
        Member(parent, member, JsonValueKind.Array, "a list") is not { } list
            ? []
            : [.. list.EnumerateArray().Select(item => item.ValueKind == JsonValueKind.Object
                ? item
                : throw Problem($"has a '{member}' with something else than objects in it"))];

    /// <summary>A member that is true or false.</summary>
    public bool? Flag(JsonElement parent, string member) => Find(parent, member) switch
    {
        null or { ValueKind: JsonValueKind.Null } => null,
        { ValueKind: JsonValueKind.True } => true,
        { ValueKind: JsonValueKind.False } => false,
        _ => throw Problem($"has a '{member}' that is neither true nor false"),
    };

    /// <summary>A member that is a whole number.</summary>
    public int? Number(JsonElement parent, string member) => Find(parent, member) switch
    {
        null or { ValueKind: JsonValueKind.Null } => null,
        { ValueKind: JsonValueKind.Number } number when number.TryGetInt32(out var value) => value,
        _ => throw Problem($"has a '{member}' that is no whole number"),
    };

    /// <summary>A member that is a time span such as <c>00:00:10</c>.</summary>
    public TimeSpan? Time(JsonElement parent, string member) =>
        Text(parent, member) is not { } text ? null
        : TimeSpan.TryParse(text, out var time) ? time
        : throw Problem($"has a '{member}' that is no time span; write it like \"00:00:10\"");

    private JsonElement? Member(JsonElement parent, string member, JsonValueKind kind, string what) => Find(parent, member) switch
    {
        null or { ValueKind: JsonValueKind.Null } => null,
        { } found when found.ValueKind == kind => found,
        _ => throw Problem($"has a '{member}' that is not {what}"),
    };

    private static JsonElement? Find(JsonElement parent, string member)
    {
        foreach (var property in parent.EnumerateObject())
        {
            if (property.Name.Equals(member, StringComparison.OrdinalIgnoreCase)) return property.Value;
        }

        return null;
    }
}

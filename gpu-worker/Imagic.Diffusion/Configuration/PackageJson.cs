using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using Imagic.Diffusion.Weights;

namespace Imagic.Diffusion.Configuration;

/// <summary>Reads the small text files of a model package; whatever is wrong with one names the file.</summary>
internal static class PackageJson
{
    private static readonly JsonDocumentOptions Options = new() { AllowDuplicateProperties = false };

    /// <summary>A config's keys. A null says what an absent key says, but for <paramref name="nullsThatSpeak"/>.</summary>
    /// <inheritdoc cref="Read"/>
    public static JsonObject ReadConfig(string path, params string[] nullsThatSpeak) => ParseConfig(path, PackageFile.ReadText(path), nullsThatSpeak);

    /// <summary>The keys of a config's text, as <see cref="ReadConfig"/> has them.</summary>
    /// <exception cref="ModelPackageException">It is not JSON of the expected form.</exception>
    public static JsonObject ParseConfig(string path, string text, params string[] nullsThatSpeak)
    {
        var content = Parse(path, text, DiffusionJson.Default.JsonObject);
        foreach (var (key, _) in content.Where(entry => entry.Value is null && !nullsThatSpeak.Contains(entry.Key)).ToList()) content.Remove(key);
        return content;
    }

    /// <summary>The record of a config's keys.</summary>
    /// <exception cref="ModelPackageException">A key is missing, or its value is of another kind.</exception>
    public static T Bind<T>(string path, JsonObject content, JsonTypeInfo<T> type)
        where T : class => Typed(path, () => content.Deserialize(type));

    /// <summary>A JSON file; a config's keys that the file lacks have the defaults of its record's parameters.</summary>
    /// <exception cref="ModelPackageException">The file is missing, unreadable, or not JSON of the expected form.</exception>
    public static T Read<T>(string path, JsonTypeInfo<T> type)
        where T : class => Parse(path, PackageFile.ReadText(path), type);

    /// <summary>The text of a JSON file, as <see cref="Read"/> has it.</summary>
    /// <exception cref="ModelPackageException">It is not JSON of the expected form.</exception>
    public static T Parse<T>(string path, string text, JsonTypeInfo<T> type)
        where T : class => Typed(path, () =>
    {
        using var document = JsonDocument.Parse(text, Options);
        return document.Deserialize(type);
    });

    private static T Typed<T>(string path, Func<T?> read)
        where T : class
    {
        try
        {
            return read() ?? throw new ModelPackageException(path, "it is null, expected an object.");
        }
        catch (JsonException e)
        {
            var problem = e.Path is null or "$" ? e.Message : $"the value at {e.Path} is of another kind or form.";
            throw new ModelPackageException(path, $"it is not the JSON that was expected: {problem}", e);
        }
    }
}

using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Imagic.Diffusion.Weights;

namespace Imagic.Diffusion.Configuration;

/// <summary>Reads the small text files of a model package; whatever is wrong with one names the file.</summary>
internal static class PackageJson
{
    private static readonly JsonDocumentOptions Options = new() { AllowDuplicateProperties = false };

    /// <summary>A JSON file; a config's keys that the file lacks have the defaults of its record's parameters.</summary>
    /// <exception cref="ModelPackageException">The file is missing, unreadable, or not JSON of the expected form.</exception>
    public static T Read<T>(string path, JsonTypeInfo<T> type)
        where T : class => Parse(path, ReadText(path), type);

    /// <summary>The text of a JSON file, as <see cref="Read"/> has it.</summary>
    /// <exception cref="ModelPackageException">It is not JSON of the expected form.</exception>
    public static T Parse<T>(string path, string text, JsonTypeInfo<T> type)
        where T : class
    {
        try
        {
            using var document = JsonDocument.Parse(text, Options);
            return document.Deserialize(type) ?? throw new ModelPackageException(path, "it is null, expected an object.");
        }
        catch (JsonException e)
        {
            var problem = e.Path is null or "$" ? e.Message : $"the value at {e.Path} is of another kind or form.";
            throw new ModelPackageException(path, $"it is not the JSON that was expected: {problem}", e);
        }
    }

    /// <exception cref="ModelPackageException">The file is missing or unreadable.</exception>
    public static string ReadText(string path)
    {
        try
        {
            return File.ReadAllText(path);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new ModelPackageException(path, "the file is missing from the package.", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ModelPackageException(path, $"cannot be read: {e.Message}", e);
        }
    }
}

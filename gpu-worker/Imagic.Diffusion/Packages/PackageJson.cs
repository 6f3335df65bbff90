using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Imagic.Diffusion.Weights;

namespace Imagic.Diffusion.Packages;

/// <summary>Reads the small text files of a model package; whatever is wrong with one names the file.</summary>
internal static class PackageJson
{
    /// <exception cref="ModelPackageException">The file is missing, unreadable, or not JSON of the expected form.</exception>
    public static T Read<T>(string path, JsonTypeInfo<T> type)
        where T : class
    {
        try
        {
            return JsonSerializer.Deserialize(ReadText(path), type) ?? throw new ModelPackageException(path, "it is null, expected an object.");
        }
        catch (JsonException e)
        {
            throw new ModelPackageException(path, $"it is not the JSON that was expected: {e.Message}", e);
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

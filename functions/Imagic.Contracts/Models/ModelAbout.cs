namespace Imagic.Contracts.Models;

/// <summary>
/// <c>about.txt</c> of a model package: one sentence of what the model knows, where it does not know everything, for
/// whoever is about to give it a picture. No part of the package's identity.
/// </summary>
public static class ModelAbout
{
    /// <summary>File name, directly in the package's folder.</summary>
    public const string FileName = "about.txt";

    private const int MaxLength = 200;

    /// <summary>The sentence of a file.</summary>
    /// <exception cref="BadInputException">It is no sentence.</exception>
    public static string Read(string file) => Problem(file.Trim()) is { } problem ? throw new BadInputException($"The package's {FileName} {problem}.") : file.Trim();

    internal static string? Problem(string text)
    {
        if (text.Length is 0 or > MaxLength) return $"has {text.Length} characters; 1 to {MaxLength} are accepted";
        return text.Any(char.IsControl) ? "holds control characters, or more than one line" : null;
    }
}

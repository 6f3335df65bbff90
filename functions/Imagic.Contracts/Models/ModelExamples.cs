using System.Collections.Immutable;

namespace Imagic.Contracts.Models;

/// <summary>
/// <c>examples.txt</c> of a model package: target texts that suit the model, one a line, shown to whoever is about to
/// write one. No part of the package's identity.
/// </summary>
public static class ModelExamples
{
    /// <summary>File name, directly in the package's folder.</summary>
    public const string FileName = "examples.txt";

    // They are looked over, not searched.
    private const int Most = 12;
    private const int MaxTextLength = 100;

    /// <summary>The texts of a file; empty lines are nothing.</summary>
    /// <exception cref="BadInputException">They are no short texts, or too many.</exception>
    public static ImmutableArray<string> Read(string file)
    {
        ImmutableArray<string> texts = [.. file.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)];
        return Problem(texts) is { } problem ? throw new BadInputException($"The package's {FileName} {problem}.") : texts;
    }

    internal static string? Problem(ImmutableArray<string> texts)
    {
        if (texts.Length > Most) return $"has {texts.Length} texts; at most {Most} are accepted";
        if (texts.FirstOrDefault(text => text is not { Length: > 0 and <= MaxTextLength }) is { } text) return $"has a text of {text.Length} characters; 1 to {MaxTextLength} are accepted";
        return texts.Any(text => text is null || text.Any(char.IsControl)) ? "has a text that holds control characters" : null;
    }
}

using Imagic.Contracts;
using Imagic.Functions.Problems;

namespace Imagic.Functions.Edits;

/// <summary>
/// What a request may say about where its picture is: the name of a blob in <c>uploads</c>, or its address. An address
/// only ever supplies a name: the client is always made from the service's own settings.
/// </summary>
public static class SourceName
{
    /// <summary>Longest name of a blob.</summary>
    public const int MaxLength = 1024;

    /// <summary>The name of the blob.</summary>
    /// <param name="source">What the request says.</param>
    /// <param name="uploads">Address of the container <c>uploads</c>.</param>
    /// <exception cref="RequestProblemException">It is no name, or lies elsewhere.</exception>
    public static string Parse(string source, Uri uploads)
    {
        // Before anything reads it as an address, which would turn backslashes round and drop dots.
        Check(source);
        if (!source.Contains("://", StringComparison.Ordinal)) return CheckSegments(source);
        var folder = uploads.AbsolutePath.TrimEnd('/') + "/";
        if (!Uri.TryCreate(source, UriKind.Absolute, out var uri)
            || uri.Scheme != uploads.Scheme || uri.Authority != uploads.Authority
            || uri.UserInfo.Length > 0 || uri.Query.Length > 0 || uri.Fragment.Length > 0
            || !uri.AbsolutePath.StartsWith(folder, StringComparison.Ordinal))
        {
            throw new RequestProblemException(
                "foreign-source", StatusCodes.Status400BadRequest,
                $"The source is an address outside the container '{StoragePaths.Uploads}' of this service. "
                + "Upload the picture there and give its name.", "source");
        }

        var name = Uri.UnescapeDataString(uri.AbsolutePath[folder.Length..]);
        Check(name);
        return CheckSegments(name);
    }

    private static void Check(string text)
    {
        if (text.Length is 0 or > MaxLength) throw Invalid($"has {text.Length} characters; 1 to {MaxLength} are accepted");
        if (text.Any(char.IsControl)) throw Invalid("holds control characters");
        if (text.Contains('\\')) throw Invalid("holds a backslash; folders are separated by '/'");
    }

    private static string CheckSegments(string name)
    {
        if (name.Split('/').Any(segment => segment is "" or "." or ".."))
            throw Invalid("begins or ends with '/', or holds an empty, '.' or '..' segment");
        return name;
    }

    private static RequestProblemException Invalid(string what) => new(
        "invalid-source", StatusCodes.Status400BadRequest, $"The source {what}. Give the name of a picture in '{StoragePaths.Uploads}'.", "source");
}

using Imagic.Contracts;
using Imagic.Functions.Problems;

namespace Imagic.Functions.Edits;

/// <summary>
/// What a request may say about where its picture is: the name of a blob in <c>uploads</c>, or its address. An address
/// only ever supplies a name: the client is always made from the service's own settings.
/// </summary>
public static class SourceName
{
    /// <summary>The name of the blob.</summary>
    /// <param name="source">What the request says.</param>
    /// <param name="uploads">Address of the container <c>uploads</c>.</param>
    /// <exception cref="RequestProblemException">It is no name, or lies elsewhere.</exception>
    public static string Parse(string source, Uri uploads)
    {
        // An address turns backslashes round and drops dots and control characters.
        if (!source.Contains("://", StringComparison.Ordinal) || source.Contains('\\') || source.Any(char.IsControl)) return Check(source);
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

        return Check(Uri.UnescapeDataString(uri.AbsolutePath[folder.Length..]));
    }

    private static string Check(string name) => BlobName.Problem(name) is not { } problem
        ? name
        : throw new RequestProblemException(
            "invalid-source", StatusCodes.Status400BadRequest,
            $"The source {problem}. Give the name of a picture in '{StoragePaths.Uploads}'.", "source");
}

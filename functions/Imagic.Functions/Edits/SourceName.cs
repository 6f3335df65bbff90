using Imagic.Contracts;
using Imagic.Functions.Problems;

namespace Imagic.Functions.Edits;

/// <summary>
/// What a request may say about where its picture is: the name of a blob in <c>uploads</c>, the name that came with a key
/// to upload, or the address of either. An address only ever supplies a name: the client is always made from the
/// service's own settings.
/// </summary>
/// <param name="Container">Container of the picture.</param>
/// <param name="Blob">Its name there.</param>
public readonly record struct SourceName(string Container, string Blob)
{
    private const string TicketFolder = StoragePaths.Tickets + "/";

    /// <summary>What requests call a picture that was uploaded by key.</summary>
    public static string OfTicket(string blob) => TicketFolder + blob;

    /// <summary>Whether a name in <c>uploads</c> is one that means a picture that was uploaded by key.</summary>
    public static bool IsReserved(string name) => name.StartsWith(TicketFolder, StringComparison.Ordinal);

    /// <summary>Reads it.</summary>
    /// <param name="source">What the request says.</param>
    /// <param name="blobService">Address of the blob service; the emulator's has the account in its path.</param>
    /// <exception cref="RequestProblemException">It is no name, or lies elsewhere.</exception>
    public static SourceName Parse(string source, Uri blobService)
    {
        // An address turns backslashes round and drops dots and control characters.
        var isAddress = source.Contains("://", StringComparison.Ordinal) && !source.Contains('\\') && !source.Any(char.IsControl);
        var (container, name) = isAddress ? OfAddress(source, blobService)
            : IsReserved(source) ? (StoragePaths.Tickets, source[TicketFolder.Length..])
            : (StoragePaths.Uploads, source);
        if (BlobName.Problem(name) is { } problem)
        {
            throw new RequestProblemException(
                "invalid-source", StatusCodes.Status400BadRequest,
                $"The source {problem}. Give the name of a picture in '{StoragePaths.Uploads}'.", "source");
        }

        return container == StoragePaths.Uploads && IsReserved(name) ? throw Reserved(name) : new(container, name);
    }

    /// <summary>Refuses a picture in <c>uploads</c> whose name means another one.</summary>
    public static RequestProblemException Reserved(string name) => new(
        "reserved-name", StatusCodes.Status400BadRequest,
        $"The folder '{StoragePaths.Tickets}' is reserved for pictures that are uploaded by key. Put '{name}' elsewhere in '{StoragePaths.Uploads}'.", "source");

    private static (string Container, string Name) OfAddress(string source, Uri service)
    {
        var root = service.AbsolutePath.TrimEnd('/') + "/";
        if (Uri.TryCreate(source, UriKind.Absolute, out var uri)
            && uri.Scheme == service.Scheme && uri.Authority == service.Authority
            && uri.UserInfo.Length == 0 && uri.Query.Length == 0 && uri.Fragment.Length == 0
            && uri.AbsolutePath.StartsWith(root, StringComparison.Ordinal)
            && uri.AbsolutePath[root.Length..].Split('/', 2) is [StoragePaths.Uploads or StoragePaths.Tickets, _] and [var container, var escaped])
        {
            return (container, Utf8Text.TryUnescape(escaped, out var name) ? name : throw new RequestProblemException(
                "invalid-source", StatusCodes.Status400BadRequest, "The source is an address whose codes (%XX) are no UTF-8. Encode the name as UTF-8.", "source"));
        }

        throw new RequestProblemException(
            "foreign-source", StatusCodes.Status400BadRequest,
            $"The source is an address outside the container '{StoragePaths.Uploads}' of this service. Upload the picture there and give its name.", "source");
    }
}

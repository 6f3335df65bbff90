using System.Collections.Immutable;
using System.Text.Json;

namespace Imagic.Functions.Events;

/// <summary>What a message of the queue <c>storage-events</c> says.</summary>
/// <param name="Created">Blobs that were created, whatever their container.</param>
/// <param name="Ignored">Sentences about what else was in the message.</param>
internal sealed record StorageEvents(ImmutableArray<StorageEvent> Created, ImmutableArray<string> Ignored);

/// <summary>
/// Reads events in the Event Grid schema or as CloudEvents, one or several. Only the container and the name of the
/// blob are taken; an ETag in an event may be older than the blob.
/// </summary>
internal static class StorageEventReader
{
    private const string BlobCreated = "Microsoft.Storage.BlobCreated";
    private const string SubjectStart = "/blobServices/default/containers/";
    private const string SubjectMiddle = "/blobs/";

    /// <summary>Reads a message.</summary>
    /// <param name="text">JSON.</param>
    /// <param name="blobService">Address of the blob service; the emulator's has the account in its path.</param>
    /// <exception cref="JsonException">It is no JSON.</exception>
    public static StorageEvents Read(string text, Uri blobService)
    {
        using var document = JsonDocument.Parse(text);
        var created = ImmutableArray.CreateBuilder<StorageEvent>();
        var ignored = ImmutableArray.CreateBuilder<string>();
        foreach (var element in document.RootElement is { ValueKind: JsonValueKind.Array } array ? [.. array.EnumerateArray()] : new[] { document.RootElement })
        {
            var type = Text(element, "eventType") ?? Text(element, "type");
            if (type != BlobCreated)
                ignored.Add($"An event of type '{type}' is none of a created blob.");
            else if ((OfUrl(element, blobService) ?? OfSubject(element)) is not { } blob)
                ignored.Add("An event names no blob.");
            else if (!BlobName.IsValid(blob.Name))
                ignored.Add($"An event in '{blob.Container}' has a blob name that is not accepted.");
            else
                created.Add(blob);
        }

        return new(created.DrainToImmutable(), ignored.DrainToImmutable());
    }

    // Preferred to the subject, which is not encoded and is known to arrive with damaged characters.
    private static StorageEvent? OfUrl(JsonElement element, Uri blobService)
    {
        if (!element.TryGetProperty("data", out var data) || Text(data, "url") is not { } url) return null;
        // By hand: Uri would resolve '..' before the name can be checked.
        var path = url.AsSpan();
        var scheme = path.IndexOf("://");
        if (scheme < 0) return null;
        path = path[(scheme + 3)..];
        path = path[..(path.IndexOfAny('?', '#') is var end and >= 0 ? end : path.Length)];
        path = path[(path.IndexOf('/') is var start and >= 0 ? start : path.Length)..];
        var root = blobService.AbsolutePath.AsSpan().TrimEnd('/');
        if (!path.StartsWith(root)) return null;
        path = path[root.Length..].TrimStart('/');
        var slash = path.IndexOf('/');
        return slash > 0 && PercentText.Decode(path[(slash + 1)..].ToString()) is { } name ? new(path[..slash].ToString(), name) : null;
    }

    private static StorageEvent? OfSubject(JsonElement element)
    {
        if (Text(element, "subject") is not { } subject || !subject.StartsWith(SubjectStart, StringComparison.Ordinal)) return null;
        var middle = subject.IndexOf(SubjectMiddle, SubjectStart.Length, StringComparison.Ordinal);
        return middle < 0 ? null : new(subject[SubjectStart.Length..middle], subject[(middle + SubjectMiddle.Length)..]);
    }

    private static string? Text(JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String
            ? value.GetString() : null;
}

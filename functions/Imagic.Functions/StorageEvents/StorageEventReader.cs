using System.Collections.Immutable;
using System.Text.Json;
using Imagic.Contracts;

namespace Imagic.Functions.StorageEvents;

/// <summary>A blob was created or overwritten.</summary>
/// <param name="Container">Its container.</param>
/// <param name="Name">Its name, decoded.</param>
internal sealed record StorageEvent(string Container, string Name);

/// <summary>What a message of the queue <c>storage-events</c> says.</summary>
/// <param name="Created">Blobs that were created, whatever their container.</param>
/// <param name="Refused">Blobs that were created under names that are not accepted.</param>
/// <param name="Ignored">Sentences about what else was in the message.</param>
internal sealed record MessageEvents(ImmutableArray<StorageEvent> Created, ImmutableArray<StorageEvent> Refused, ImmutableArray<string> Ignored);

/// <summary>
/// Reads events in the Event Grid schema or as CloudEvents, one or several. Only the container and the name of the
/// blob are taken; an ETag in an event may be older than the blob.
/// </summary>
internal static class StorageEventReader
{
    private const string BlobCreated = "Microsoft.Storage.BlobCreated";
    private const string SubjectStart = "/blobServices/default/containers/";
    private const string SubjectMiddle = "/blobs/";

    /// <summary>Reads a message; null when it is no JSON.</summary>
    /// <param name="text">What it says.</param>
    /// <param name="blobService">Address of the blob service; the emulator's has the account in its path.</param>
    public static MessageEvents? TryRead(string text, Uri blobService)
    {
        try
        {
            using var document = JsonDocument.Parse(text);
            return Read(document.RootElement, blobService);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static MessageEvents Read(JsonElement root, Uri blobService)
    {
        var created = ImmutableArray.CreateBuilder<StorageEvent>();
        var refused = ImmutableArray.CreateBuilder<StorageEvent>();
        var ignored = ImmutableArray.CreateBuilder<string>();
        foreach (var element in root.ValueKind == JsonValueKind.Array ? [.. root.EnumerateArray()] : new[] { root })
        {
            var type = Text(element, "eventType") ?? Text(element, "type");
            if (type != BlobCreated)
                ignored.Add($"An event of type '{type}' is none of a created blob.");
            else if ((OfUrl(element, blobService) ?? OfSubject(element)) is not { } blob)
                ignored.Add("An event names no blob.");
            else if (BlobName.Problem(blob.Name) is not null)
                refused.Add(blob);
            else
                created.Add(blob);
        }

        return new(created.DrainToImmutable(), refused.DrainToImmutable(), ignored.DrainToImmutable());
    }

    // Preferred to the subject, which is not encoded and is known to arrive with damaged characters.
    private static StorageEvent? OfUrl(JsonElement element, Uri blobService)
    {
        if (Member(element, "data") is not { } data || Text(data, "url") is not { } url) return null;
        // By hand: Uri would resolve '..' before the name can be checked.
        var path = url.AsSpan();
        var scheme = path.IndexOf("://");
        if (scheme < 0) return null;
        path = path[(scheme + 3)..];
        path = path[(path.IndexOf('/') is var start and >= 0 ? start : path.Length)..];
        var root = blobService.AbsolutePath.AsSpan().TrimEnd('/');
        if (!path.StartsWith(root)) return null;
        path = path[root.Length..].TrimStart('/');
        // The subject is never encoded. Some senders encode nothing: then '?' and '#' are the name's.
        if (OfSubject(element) is { } subject && path.SequenceEqual($"{subject.Container}/{subject.Name}")) return subject;
        path = path[..(path.IndexOfAny('?', '#') is var end and >= 0 ? end : path.Length)];
        var slash = path.IndexOf('/');
        return slash > 0 && Utf8Text.TryUnescape(path[(slash + 1)..].ToString(), out var name) ? new(path[..slash].ToString(), name) : null;
    }

    private static StorageEvent? OfSubject(JsonElement element)
    {
        if (Text(element, "subject") is not { } subject || !subject.StartsWith(SubjectStart, StringComparison.Ordinal)) return null;
        var middle = subject.IndexOf(SubjectMiddle, SubjectStart.Length, StringComparison.Ordinal);
        return middle < 0 ? null : new(subject[SubjectStart.Length..middle], subject[(middle + SubjectMiddle.Length)..]);
    }

    private static JsonElement? Member(JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var value) ? value : null;

    // Null, too, for what is no Unicode text, such as half of a surrogate pair: no blob is called that.
    private static string? Text(JsonElement element, string name)
    {
        try
        {
            return Member(element, name) is { ValueKind: JsonValueKind.String } value ? value.GetString() : null;
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }
}

using System.Text;
using Azure;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using Imagic.Contracts;
using Imagic.Contracts.Edits;
using Imagic.Contracts.Settings;
using Imagic.Functions.Edits;
using Imagic.Functions.Problems;
using Imagic.Functions.Requests;
using Imagic.Storage;

namespace Imagic.Functions.StorageEvents;

/// <summary>
/// A file in the container <c>uploads</c> as it is now, with what is asked for: in its metadata, else in its sidecar.
/// </summary>
/// <param name="Name">Name of the picture.</param>
/// <param name="ETag">Names the picture's content.</param>
/// <param name="SidecarETag">Names the sidecar's content; null when there is none, or the metadata came first.</param>
/// <param name="Metadata">The picture's metadata.</param>
/// <param name="Sidecar">Content of the sidecar; null when there is none, or it is too large.</param>
internal sealed record DroppedImage(
    string Name, ETag ETag, ETag? SidecarETag, IDictionary<string, string> Metadata, BinaryData? Sidecar)
{
    /// <summary>Endings that the name of a sidecar adds to its picture's; the first that is there counts.</summary>
    public static readonly string[] SidecarSuffixes = [".json", ".JSON"];

    public const int MaxSidecarBytes = 64 * 1024;

    private const string TextKey = "targettext";
    private const string ModelKey = "model";
    private const string SettingsKey = "settings";
    private const string WebhookKey = "webhook";

    /// <summary>Whether there is something to answer: somebody has said what the picture should become, or it must not be here.</summary>
    public bool HasRequest => SourceName.IsReserved(Name) || Metadata.ContainsKey(TextKey) || SidecarETag is not null;

    /// <summary>Looks at a picture; null when there is none of that name.</summary>
    public static async Task<DroppedImage?> FindAsync(BlobContainerClient uploads, string name, CancellationToken cancellationToken)
    {
        try
        {
            BlobProperties properties = await uploads.GetBlobClient(name).GetPropertiesAsync(cancellationToken: cancellationToken);
            var found = new DroppedImage(name, properties.ETag, null, properties.Metadata, null);
            return found.HasRequest ? found : await found.WithSidecarAsync(uploads, cancellationToken);
        }
        catch (RequestFailedException exception) when (exception.IsMissing())
        {
            return null;
        }
    }

    /// <summary>What is asked for.</summary>
    /// <exception cref="RequestProblemException">It cannot be read.</exception>
    public EditRequest ReadRequest()
    {
        if (SourceName.IsReserved(Name)) throw SourceName.Reserved(Name);
        var request = Metadata.ContainsKey(TextKey) ? OfMetadata() : OfSidecar();
        if (request.Source is { } source && source != Name)
        {
            throw new RequestProblemException(
                "foreign-source", StatusCodes.Status400BadRequest,
                $"The sidecar names '{source}' as its source, but it belongs to '{Name}'. Leave 'source' out.", "source");
        }

        return request with { Source = Name };
    }

    private EditRequest OfMetadata() => new()
    {
        TargetText = Value(TextKey),
        Model = Value(ModelKey),
        Webhook = Value(WebhookKey),
        Settings = Value(SettingsKey) is { } json
            ? RequestJson.Read<EditOverrides>(Encoding.UTF8.GetBytes(json), SettingsKey) : null,
    };

    private EditRequest OfSidecar()
    {
        if (Sidecar is null)
        {
            throw new RequestProblemException(
                "sidecar-too-large", StatusCodes.Status413PayloadTooLarge, $"The sidecar has more than {MaxSidecarBytes} bytes. Make it shorter.");
        }

        return RequestJson.Read<EditRequest>(Sidecar, "sidecar");
    }

    // Metadata travels in HTTP headers, which are ASCII: other characters come as percent-encoded UTF-8. A percent sign
    // that begins no such code is meant as it stands.
    private string? Value(string key)
    {
        if (!Metadata.TryGetValue(key, out var value)) return null;
        return Utf8Text.TryUnescape(value, out var text) ? text : throw new RequestProblemException(
            "invalid-text", StatusCodes.Status400BadRequest,
            $"The codes (%XX) in the metadata '{key}' are no UTF-8. Encode the text as UTF-8, and a percent sign as %25.", key);
    }

    private async Task<DroppedImage> WithSidecarAsync(BlobContainerClient uploads, CancellationToken cancellationToken)
    {
        foreach (var suffix in SidecarSuffixes)
        {
            try
            {
                using var answer = (await uploads.GetBlobClient(Name + suffix).DownloadStreamingAsync(cancellationToken: cancellationToken)).Value;
                var isShort = answer.Details.ContentLength <= MaxSidecarBytes;
                return this with
                {
                    SidecarETag = answer.Details.ETag,
                    Sidecar = isShort ? await BinaryData.FromStreamAsync(answer.Content, cancellationToken) : null,
                };
            }
            catch (RequestFailedException exception) when (exception.IsMissing())
            {
                // The next.
            }
        }

        return this;
    }
}

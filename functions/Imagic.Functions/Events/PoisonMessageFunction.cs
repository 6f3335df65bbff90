using System.Collections.Immutable;
using System.Text.Json;
using Azure.Storage.Blobs;
using Imagic.Contracts;
using Imagic.Functions.Batches;
using Imagic.Functions.Problems;
using Imagic.Runtime.Storage;

namespace Imagic.Functions.Events;

/// <summary>
/// The function <c>OnPoisonMessage</c>: tells whoever dropped a file that its event failed each time. There is no
/// queue behind this one, so it refuses no message.
/// </summary>
internal sealed partial class PoisonMessageFunction(StorageAccount account, ILogger<PoisonMessageFunction> logger)
{
    /// <summary>Its name.</summary>
    public const string Name = "OnPoisonMessage";

    private static readonly Problem Failed = new(
        "The file did not become an edit.",
        StatusCodes.Status500InternalServerError,
        "event-failed",
        "The service could not handle this file although it tried several times. Upload it again; when that does not help, "
        + "ask whoever runs the service to look into its log.");

    /// <summary>Handles a message and says what was done.</summary>
    public async Task<ImmutableArray<string>> RunAsync(string message, CancellationToken cancellationToken)
    {
        StorageEvents events;
        try
        {
            events = StorageEventReader.Read(message, account.Blobs.Uri);
        }
        catch (JsonException)
        {
            events = new([], []);
        }

        LogPoison(StorageEventFunction.Bounded(message));
        var said = new List<string>();
        foreach (var storageEvent in events.Created)
        {
            if (File(storageEvent) is not { } file) continue;
            await ProblemBlobs.WriteAsync(file.Container, file.Name, Failed, cancellationToken);
            said.Add($"Wrote the problem of '{file.Name}' in the container '{storageEvent.Container}'.");
        }

        return [.. said];
    }

    // Beside the picture also for its sidecar, since it is the picture whose success takes the problem away.
    private (BlobContainerClient Container, string Name)? File(StorageEvent storageEvent) => storageEvent switch
    {
        { Container: StoragePaths.Uploads, Name: var name } when !name.EndsWith(StoragePaths.ProblemSuffix, StringComparison.Ordinal) =>
            (account.Uploads, UploadEvents.PictureOf(name)),
        { Container: StoragePaths.Batches, Name: var name } when ManifestName.TryParse(name, out _) => (account.Batches, name),
        _ => null,
    };

    [LoggerMessage(Level = LogLevel.Error, Message = "A storage event failed each time it was tried: {Message}")]
    private partial void LogPoison(string message);
}

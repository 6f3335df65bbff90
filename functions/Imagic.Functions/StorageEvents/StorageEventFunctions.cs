using System.Text;
using Azure.Storage.Blobs;
using Azure.Storage.Queues.Models;
using Imagic.Contracts;
using Imagic.Functions.Batches;
using Imagic.Functions.Problems;
using Imagic.Storage;
using Imagic.Storage.Batches;

namespace Imagic.Functions.StorageEvents;

/// <summary>
/// Reads the queue to which Event Grid delivers what was dropped, and the one behind it. A function that fails gets its
/// message again. Each takes the whole message: the metadata beside a bare text can be overwritten by what the text says.
/// </summary>
internal sealed partial class StorageEventFunctions(
    StorageAccount account, UploadEvents uploads, BatchEvents batches, ILogger<StorageEventFunctions> logger)
{
    // Characters of an unreadable message in the log: all that a queue message can have.
    private const int MaxLogged = 64 * 1024;

    private const string RefusedTitle = "The file did not become an edit.";

    // An edit takes minutes on a GPU.
    private static readonly TimeSpan FullWait = TimeSpan.FromMinutes(1);

    private static readonly Problem Failed = new(
        RefusedTitle,
        StatusCodes.Status500InternalServerError,
        "event-failed",
        "The service could not handle this file although it tried several times. Upload it again; when that does not help, "
        + "ask whoever runs the service to look into its log.");

    [Function("OnStorageEvent")]
    public async Task OnStorageEventAsync(
        [QueueTrigger(StoragePaths.StorageEvents, Connection = StorageOptions.Connection)] QueueMessage message,
        CancellationToken cancellationToken)
    {
        var text = MessageText.Plain(message.Body);
        if (StorageEventReader.TryRead(text, account.Blobs.Uri) is not { } events)
        {
            // It will be no more readable the next time.
            LogUnreadable(message.MessageId, Bounded(text));
            return;
        }

        foreach (var sentence in events.Ignored) LogIgnored(sentence);
        foreach (var (container, name) in events.Refused) await RefuseAsync(container, name, cancellationToken);
        foreach (var (container, name) in events.Created)
        {
            try
            {
                LogHandled(container, name, message.DequeueCount, container switch
                {
                    StoragePaths.Uploads => await uploads.HandleAsync(name, cancellationToken),
                    StoragePaths.Batches => await batches.HandleAsync(name, cancellationToken),
                    _ => $"Nothing happens in the container '{container}'.",
                });
            }
            catch (TooManyEditsException tooMany)
            {
                // As a new message: this one would be poison after a few tries, and there is nothing wrong with it.
                await account.Queues.GetQueueClient(StoragePaths.StorageEvents).SendAsync(
                    QueueText.Encode(Encoding.UTF8.GetBytes(text)), FullWait, cancellationToken);
                LogWaits(container, name, FullWait, tooMany.Message);
                return;
            }
        }
    }

    /// <summary>
    /// Tells whoever dropped a file that its event failed each time. There is no queue behind this one, so it refuses no
    /// message.
    /// </summary>
    [Function("OnPoisonMessage")]
    public async Task OnPoisonMessageAsync(
        [QueueTrigger(StoragePaths.StorageEvents + StoragePaths.PoisonSuffix, Connection = StorageOptions.Connection)] QueueMessage message,
        CancellationToken cancellationToken)
    {
        var text = MessageText.Plain(message.Body);
        LogPoison(Bounded(text));
        foreach (var storageEvent in StorageEventReader.TryRead(text, account.Blobs.Uri)?.Created ?? [])
        {
            if (DroppedFile(storageEvent) is not { } file) continue;
            await ProblemBlobs.WriteAsync(file.Container, file.Name, Failed, cancellationToken);
            LogProblem(storageEvent.Container, file.Name);
        }
    }

    // Told to whoever dropped it where that can be, else to whoever reads the log.
    private async Task RefuseAsync(string container, string name, CancellationToken cancellationToken)
    {
        var why = BlobName.Problem(name);
        LogRefusedName(container, name, why!);
        var target = container switch
        {
            StoragePaths.Uploads => account.Uploads,
            StoragePaths.Batches when ManifestName.HasItsForm(name) => account.Batches,
            _ => null,
        };
        if (target is null || name.EndsWith(StoragePaths.ProblemSuffix, StringComparison.Ordinal) || BlobName.OfProblem(name) is null) return;
        // An event may come late, or be made up.
        if (!await target.GetBlobClient(name).ExistsAsync(cancellationToken)) return;
        await ProblemBlobs.WriteAsync(
            target, name,
            new(RefusedTitle, StatusCodes.Status400BadRequest, "invalid-name", $"The name of the file {why}. Upload it under another name."), cancellationToken);
    }

    // Beside the picture also for its sidecar, since it is the picture whose success takes the problem away.
    private (BlobContainerClient Container, string Name)? DroppedFile(StorageEvent storageEvent) => storageEvent switch
    {
        { Container: StoragePaths.Uploads, Name: var name } when !name.EndsWith(StoragePaths.ProblemSuffix, StringComparison.Ordinal) =>
            (account.Uploads, UploadEvents.ImageOf(name)),
        { Container: StoragePaths.Batches, Name: var name } when ManifestName.TryParse(name, out _) => (account.Batches, name),
        _ => null,
    };

    private static string Bounded(string text) => text.Length <= MaxLogged ? text : text[..MaxLogged] + "…";

    [LoggerMessage(Level = LogLevel.Error, Message = "The message {MessageId} holds no storage event and is dropped: {Text}")]
    private partial void LogUnreadable(string messageId, string text);

    [LoggerMessage(Level = LogLevel.Warning, Message = "A blob in {Container} is ignored, since its name {Problem}: {Name}")]
    private partial void LogRefusedName(string container, string name, string problem);

    [LoggerMessage(Level = LogLevel.Information, Message = "{Ignored}")]
    private partial void LogIgnored(string ignored);

    [LoggerMessage(Level = LogLevel.Information, Message = "Blob {Container}/{Name} was created (delivery {DequeueCount}). {Outcome}")]
    private partial void LogHandled(string container, string name, long dequeueCount, string outcome);

    [LoggerMessage(Level = LogLevel.Information, Message = "Blob {Container}/{Name} waits for {Wait}. {Problem}")]
    private partial void LogWaits(string container, string name, TimeSpan wait, string problem);

    [LoggerMessage(Level = LogLevel.Error, Message = "A storage event failed each time it was tried: {Message}")]
    private partial void LogPoison(string message);

    [LoggerMessage(Level = LogLevel.Information, Message = "Wrote the problem of {Name} in the container {Container}")]
    private partial void LogProblem(string container, string name);
}

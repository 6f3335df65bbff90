using System.Collections.Immutable;
using System.Text.Json;
using Imagic.Contracts;
using Imagic.Functions.Batches;
using Imagic.Runtime.Storage;

namespace Imagic.Functions.Events;

/// <summary>The function <c>OnStorageEvent</c>: reads the queue to which Event Grid delivers what was dropped.</summary>
internal sealed partial class StorageEventFunction(
    StorageAccount account, UploadEvents uploads, BatchEvents batches, ILogger<StorageEventFunction> logger)
{
    /// <summary>Its name.</summary>
    public const string Name = "OnStorageEvent";

    /// <summary>Characters of an unreadable message in the log: all that a queue message can have.</summary>
    public const int MaxLogged = 64 * 1024;

    /// <summary>Handles a message and says what was done. A failure is an exception, so that the host brings the message again.</summary>
    public async Task<ImmutableArray<string>> RunAsync(DeliveredMessage message, CancellationToken cancellationToken)
    {
        StorageEvents events;
        try
        {
            events = StorageEventReader.Read(message.Text, account.Blobs.Uri);
        }
        catch (JsonException)
        {
            // It will be no more readable the next time.
            LogUnreadable(message.Id, Bounded(message.Text));
            return ["The message is no JSON; it stands in the log."];
        }

        var said = new List<string>(events.Ignored);
        foreach (var (container, name) in events.Created)
        {
            said.Add(container switch
            {
                StoragePaths.Uploads => await uploads.HandleAsync(name, cancellationToken),
                StoragePaths.Batches => await batches.HandleAsync(name, cancellationToken),
                _ => $"Nothing happens in the container '{container}'.",
            });
            LogHandled(container, name, said[^1], message.DequeueCount);
        }

        return [.. said];
    }

    /// <summary>As much of a text as goes into a log.</summary>
    public static string Bounded(string text) => text.Length <= MaxLogged ? text : text[..MaxLogged] + "…";

    [LoggerMessage(Level = LogLevel.Error, Message = "The message {MessageId} holds no storage event and is dropped: {Text}")]
    private partial void LogUnreadable(string? messageId, string text);

    [LoggerMessage(Level = LogLevel.Information, Message = "Blob {Container}/{Name} was created (delivery {DequeueCount}). {Outcome}")]
    private partial void LogHandled(string container, string name, string outcome, long? dequeueCount);
}

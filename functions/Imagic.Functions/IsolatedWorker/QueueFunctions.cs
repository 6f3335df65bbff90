using System.Collections.Immutable;
using Azure.Storage.Queues.Models;
using Imagic.Contracts;
using Imagic.Functions.Events;
using Imagic.Runtime.Storage;
using Microsoft.Azure.Functions.Worker;

namespace Imagic.Functions.IsolatedWorker;

/// <summary>
/// The functions that read queues. Each takes the whole message: the metadata beside a bare text can be overwritten by
/// what the text says.
/// </summary>
internal sealed partial class QueueFunctions(
    StorageEventFunction storageEvents, PoisonMessageFunction poisonMessages, ILogger<QueueFunctions> logger)
{
    [Function(StorageEventFunction.Name)]
    public async Task OnStorageEventAsync(
        [QueueTrigger(StoragePaths.StorageEvents, Connection = StorageOptions.Connection)] QueueMessage message,
        CancellationToken cancellationToken) =>
        Log(await storageEvents.RunAsync(new(Text(message), message.MessageId, message.DequeueCount), cancellationToken));

    [Function(PoisonMessageFunction.Name)]
    public async Task OnPoisonMessageAsync(
        [QueueTrigger(StoragePaths.StorageEvents + StoragePaths.PoisonSuffix, Connection = StorageOptions.Connection)] QueueMessage message,
        CancellationToken cancellationToken) =>
        Log(await poisonMessages.RunAsync(Text(message), cancellationToken));

    private static string Text(QueueMessage message) => MessageText.Plain(message.Body.ToString());

    private void Log(ImmutableArray<string> said)
    {
        foreach (var sentence in said) LogSaid(sentence);
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "{Said}")]
    private partial void LogSaid(string said);
}

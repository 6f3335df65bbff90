using System.Diagnostics;
using System.Text.Json;
using Imagic.Contracts;
using Imagic.Contracts.Edits;
using Imagic.Contracts.Settings;
using Imagic.Contracts.Stages;

namespace Imagic.Storage;

/// <summary>Puts stage messages on their queues.</summary>
public sealed class StageSender(StorageAccount account)
{
    /// <summary>Asks for a stage. The message carries the current trace, so that an edit is one trace.</summary>
    public async Task SendAsync(EditId id, EditStage stage, CancellationToken cancellationToken)
    {
        var message = new StageMessage(id, stage) { TraceParent = Activity.Current?.Id };
        await account.Queues.GetQueueClient(StoragePaths.StageQueue(stage)).SendAsync(
            QueueText.Encode(JsonSerializer.SerializeToUtf8Bytes(message, ContractsJsonContext.Default.StageMessage)),
            cancellationToken);
    }
}

using Imagic.Contracts;
using Imagic.Storage;

namespace Imagic.Lab.Soak;

/// <summary>
/// Stands in for a Container Apps job with a KEDA azure-queue rule: starts <c>imagic-worker --once</c> processes for one
/// stage by the number of messages on its queue, hidden ones included, less those that run (kedacore/keda
/// <c>pkg/scaling/executor/scale_jobs.go</c>, default strategy; <c>pkg/scalers/azure_queue_scaler.go</c>).
/// </summary>
/// <param name="storage">The storage account.</param>
/// <param name="stage">Whose queue.</param>
/// <param name="mostExecutions">Most that run at a time; the least is none.</param>
public sealed class QueueScaler(StorageOptions storage, EditStage stage, int mostExecutions) : IAsyncDisposable
{
    private readonly StorageAccount _account = new(storage);
    private readonly List<WorkerProcess> _running = [];

    /// <summary>Executions that have not ended.</summary>
    public IReadOnlyList<WorkerProcess> Running => _running;

    /// <summary>Messages on the queue at the last look, hidden ones included.</summary>
    public int Messages { get; private set; }

    /// <summary>Executions that were started.</summary>
    public int Started { get; private set; }

    /// <summary>Executions that found no message.</summary>
    public int Idle { get; private set; }

    /// <summary>What executions said that did not end with 0.</summary>
    public List<string> Failures { get; } = [];

    /// <summary>One look at the queue and at the executions.</summary>
    public async Task PollAsync(CancellationToken cancellationToken)
    {
        await ReapAsync(cancellationToken);
        Messages = (await _account.Queues.GetQueueClient(StoragePaths.StageQueue(stage)).GetPropertiesAsync(cancellationToken)).Value.ApproximateMessagesCount;
        var wanted = Math.Min(mostExecutions, Messages) - _running.Count;
        for (var i = 0; i < wanted; i++)
        {
            _running.Add(new(storage, visibility: 2, killAt: null, "--once", "--stages", stage.Name()));
            Started++;
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var execution in _running) await execution.DisposeAsync();
    }

    private async Task ReapAsync(CancellationToken cancellationToken)
    {
        foreach (var execution in _running.Where(execution => execution.HasEnded).ToList())
        {
            var code = await execution.EndAsync(cancellationToken);
            if (code != 0) Failures.Add($"{stage.Name()}: exit code {code}: {string.Join('\n', execution.Lines)}");
            if (!execution.Lines.Any(line => line.Contains("claimed", StringComparison.Ordinal))) Idle++;
            await execution.DisposeAsync();
            _running.Remove(execution);
        }
    }
}

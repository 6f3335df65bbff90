using Imagic.Contracts;
using Imagic.Contracts.Settings;
using Imagic.Storage;

namespace Imagic.Functions.Health;

/// <summary>
/// Whether the storage account has what starting an edit needs. Anybody may ask: one check at a time is under way, and
/// all who ask meanwhile, and for some seconds after, get what it finds.
/// </summary>
internal sealed class StorageHealth(StorageAccount account, TimeProvider time)
{
    private static readonly TimeSpan Lifetime = TimeSpan.FromSeconds(5);

    // A probe wants an answer soon; the retries of a storage call take longer.
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(3);

    private readonly Lock _lock = new();
    private Task<bool>? _check;
    private long _started;

    /// <summary>Whether the container and the first queue are there.</summary>
    public Task<bool> IsCompleteAsync(CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            if (_check is null || (_check.IsCompleted && time.GetElapsedTime(_started) >= Lifetime))
                (_check, _started) = (CheckAsync(), time.GetTimestamp());
            return _check.WaitAsync(cancellationToken);
        }
    }

    private async Task<bool> CheckAsync()
    {
        using var timeout = new CancellationTokenSource(Timeout, time);
        var found = await Task.WhenAll(
            account.Edits.ExistsAsync(timeout.Token),
            account.Queues.GetQueueClient(StoragePaths.StageQueue(EditStage.Optimize)).ExistsAsync(timeout.Token));
        return found.All(exists => exists.Value);
    }
}

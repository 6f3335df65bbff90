using Imagic.Contracts.Edits;
using Imagic.Storage;
using Microsoft.Extensions.Hosting;

namespace Imagic.Functions.Edits.Waiting;

/// <summary>
/// Looks after edits for the calls that wait for them: a record is read once per interval, however many wait for it here.
/// How many wait is bounded, since each holds a connection.
/// </summary>
internal sealed class RecordWatch(EditRecords records, FunctionsOptions options, IHostApplicationLifetime lifetime, TimeProvider time)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<EditId, RecordPoll> _polls = [];
    private int _followers;

    /// <summary>This instance is about to end, and no call waits any more.</summary>
    public bool IsEnding => lifetime.ApplicationStopping.IsCancellationRequested;

    /// <summary>Takes a place among those who wait; null when there is none.</summary>
    public Follower? TryFollow(Stored<EditRecord> known)
    {
        var id = known.Value.EditId;
        lock (_lock)
        {
            if (options.MaxWaits > 0 && _followers >= options.MaxWaits) return null;
            _followers++;
            if (!_polls.TryGetValue(id, out var poll) || poll.IsOver) _polls[id] = poll = new(records, known, time);
            poll.Followers++;
            return new(this, id, poll);
        }
    }

    private void Leave(EditId id, RecordPoll poll)
    {
        lock (_lock)
        {
            _followers--;
            if (--poll.Followers > 0) return;
            if (_polls.TryGetValue(id, out var current) && current == poll) _polls.Remove(id);
        }

        poll.Dispose();
    }

    /// <summary>The place of one call that waits.</summary>
    internal sealed class Follower(RecordWatch watch, EditId id, RecordPoll poll) : IDisposable
    {
        /// <summary>Waits for a newer state.</summary>
        /// <param name="known">The newest state that is known.</param>
        /// <param name="patience">Longest wait.</param>
        /// <param name="cancellationToken">Gives up.</param>
        /// <returns>The newer state; null when the edit is gone; <paramref name="known"/> when the wait is over.</returns>
        public async Task<Stored<EditRecord>?> NextAsync(Stored<EditRecord> known, TimeSpan patience, CancellationToken cancellationToken)
        {
            using var late = new CancellationTokenSource(patience, watch.Time);
            using var over = CancellationTokenSource.CreateLinkedTokenSource(late.Token, watch.Ending, cancellationToken);
            try
            {
                return await poll.NextAsync(known, over.Token);
            }
            catch (OperationCanceledException) when (over.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
            {
                return known;
            }
        }

        public void Dispose() => watch.Leave(id, poll);
    }

    private TimeProvider Time => time;

    private CancellationToken Ending => lifetime.ApplicationStopping;
}

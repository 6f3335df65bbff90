using Imagic.Contracts.Edits;
using Imagic.Storage;

namespace Imagic.Functions.Edits.Waiting;

/// <summary>Reads one record again and again, until its edit has ended or is gone, or a read fails for good.</summary>
internal sealed class RecordPoll : IDisposable
{
    // Workers write progress every few seconds; an unchanged record is answered without content.
    private static readonly TimeSpan ShortestPause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(3);
    private const double Growth = 1.5;

    private readonly CancellationTokenSource _unwatched = new();
    private readonly Task _running;
    private volatile Seen _newest;

    public RecordPoll(EditRecords records, Stored<EditRecord> known, TimeProvider time)
    {
        _newest = new(known);
        _running = RunAsync(records, known, time, _unwatched.Token);
    }

    /// <summary>How many calls wait for it.</summary>
    public int Followers { get; set; }

    /// <summary>It tells of nothing new any more.</summary>
    public bool IsOver => _running.IsCompleted;

    /// <summary>The first state that is seen to be newer than <paramref name="known"/>; null when the edit is gone.</summary>
    public async Task<Stored<EditRecord>?> NextAsync(Stored<EditRecord> known, CancellationToken cancellationToken)
    {
        var seen = _newest;
        while (seen.Record is { } record && !IsNewer(record.Value, known.Value)) seen = await seen.Next.Task.WaitAsync(cancellationToken);
        return seen.Record;
    }

    public void Dispose()
    {
        _unwatched.Cancel();
        _unwatched.Dispose();
    }

    // An edit that was deleted and started anew counts from the beginning.
    private static bool IsNewer(EditRecord record, EditRecord known) =>
        record.Created > known.Created || (record.Created == known.Created && record.Sequence > known.Sequence);

    private async Task RunAsync(EditRecords records, Stored<EditRecord> known, TimeProvider time, CancellationToken cancellationToken)
    {
        try
        {
            var pause = ShortestPause;
            while (!known.Value.HasEnded())
            {
                await Task.Delay(pause, time, cancellationToken);
                var found = await records.ReadAsync(known.Value.EditId, known, cancellationToken);
                if (found == known)
                {
                    pause = TimeSpan.FromTicks(Math.Min((long)(pause.Ticks * Growth), LongestPause.Ticks));
                    continue;
                }

                pause = ShortestPause;
                var before = _newest;
                _newest = new(found);
                before.Next.SetResult(_newest);
                if (found is null) return;
                known = found;
            }
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            _newest.Next.SetException(exception); // for all who wait
        }
    }

    /// <summary>A state, and what comes after it.</summary>
    private sealed class Seen(Stored<EditRecord>? record)
    {
        public Stored<EditRecord>? Record => record;

        public TaskCompletionSource<Seen> Next { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}

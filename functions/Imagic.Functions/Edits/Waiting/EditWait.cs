using Imagic.Contracts.Edits;
using Imagic.Functions.Requests;
using Imagic.Storage;

namespace Imagic.Functions.Edits.Waiting;

/// <summary>Holds an answer back for callers who prefer to wait.</summary>
internal sealed class EditWait(RecordWatch watch, TimeProvider time)
{
    /// <summary>The edit as it is when that is enough for the caller, or when it has waited as long as it prefers to.</summary>
    /// <param name="request">What may hold the preference; its answer tells whether it was followed.</param>
    /// <param name="record">The edit as it is now.</param>
    /// <param name="isEnough">Whether a state is worth an answer.</param>
    /// <param name="began">When the call began: no call takes longer than the host allows.</param>
    public async Task<Stored<EditRecord>> RunAsync(
        HttpRequest request, Stored<EditRecord> record, Func<Stored<EditRecord>, bool> isEnough, long began)
    {
        if (PreferWait.Of(request) is not { } wanted) return record;
        var patience = TimeSpan.FromTicks(Math.Min(wanted.Ticks, (EventStream.Longest - time.GetElapsedTime(began)).Ticks));
        if (await UntilAsync(record, isEnough, patience, request.HttpContext.RequestAborted) is not { } now) return record;
        PreferWait.TellApplied(request.HttpContext.Response, wanted);
        return now;
    }

    /// <summary>The edit as it is when that is enough, or when the wait has taken long enough; null when too many wait.</summary>
    /// <exception cref="Problems.RequestProblemException">The edit is gone.</exception>
    public async Task<Stored<EditRecord>?> UntilAsync(
        Stored<EditRecord> record, Func<Stored<EditRecord>, bool> isEnough, TimeSpan patience, CancellationToken cancellationToken)
    {
        if (isEnough(record)) return record;
        using var follower = watch.TryFollow(record);
        if (follower is null) return null;
        var started = time.GetTimestamp();
        while (!isEnough(record) && patience - time.GetElapsedTime(started) is { Ticks: > 0 } left)
        {
            var next = await follower.NextAsync(record, left, cancellationToken) ?? throw EditAnswers.NotFound(record.Value.EditId);
            if (next == record) break;
            record = next;
        }

        return record;
    }
}

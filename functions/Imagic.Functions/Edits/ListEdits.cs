using System.Collections.Concurrent;
using Imagic.Contracts;
using Imagic.Contracts.Edits;
using Imagic.Functions.Problems;
using Imagic.Functions.Requests;
using Imagic.Storage;

namespace Imagic.Functions.Edits;

/// <summary>
/// Looking at edits: all of them, a page at a time, by one call for the page and one for each edit on it that has not
/// ended; and those of one tuning, by a call for each.
/// </summary>
internal sealed class ListEdits(EditIndex index, EditRecords records, TuningStore tunings)
{
    private const int ParallelReads = 16;

    /// <summary>A page, newest first.</summary>
    public async Task<EditList> RunAsync(IQueryCollection query, CancellationToken cancellationToken)
    {
        var wanted = ParseState(query["state"]);
        var folder = wanted is { } state ? EditIndex.FolderOf(state) : StoragePaths.AllEdits;
        var page = await PageQuery.Of(query).ReadAsync((continuation, limit) => index.ReadAsync(folder, continuation, limit, cancellationToken));
        var (summaries, unreadable) = await LookAsync([.. page.Entries.Select(entry => (entry.EditId, entry.Summary))], cancellationToken);
        return new([.. summaries.Where(summary => wanted is null || summary.State == wanted)], PageQuery.Encode(page.Continuation), unreadable);
    }

    /// <summary>An edit and those that sample the same tuning, newest first.</summary>
    public async Task<EditList> OfTuningAsync(EditRecord record, CancellationToken cancellationToken)
    {
        var ids = new HashSet<EditId> { record.EditId };
        if (record.HasTuning())
        {
            // Other edits may have some of the stages the same, and not all.
            var sharing = await Task.WhenAll(record.Tuning().Select(status => tunings.EditsOfAsync(status.Sha256!, cancellationToken).ToListAsync(cancellationToken).AsTask()));
            ids.UnionWith(sharing.Aggregate<IEnumerable<EditId>>((all, some) => all.Intersect(some)));
        }

        var (summaries, unreadable) = await LookAsync([.. ids.Select(id => (id, (EditSummary?)null))], cancellationToken);
        return new([.. summaries.OrderByDescending(summary => summary.Created)], Unreadable: unreadable);
    }

    // In the order in which they are given; those that are gone are left out.
    private async Task<(IEnumerable<EditSummary> Summaries, IReadOnlyList<EditId>? Unreadable)> LookAsync(
        IReadOnlyList<(EditId EditId, EditSummary? Summary)> entries, CancellationToken cancellationToken)
    {
        var summaries = new EditSummary?[entries.Count];
        var unreadable = new ConcurrentBag<EditId>();
        await Parallel.ForEachAsync(
            entries.Index(),
            new ParallelOptions { MaxDegreeOfParallelism = ParallelReads, CancellationToken = cancellationToken },
            async (item, cancellation) =>
            {
                var (i, entry) = item;
                try
                {
                    summaries[i] = entry.Summary is { State: var known } ended && known.HasEnded() ? ended : await LookAsync(entry.EditId, cancellation);
                }
                catch (UnreadableRecordException)
                {
                    unreadable.Add(entry.EditId);
                }
            });
        return (summaries.OfType<EditSummary>(), unreadable.IsEmpty ? null : [.. unreadable.OrderBy(id => id.Value, StringComparer.Ordinal)]);
    }

    private async Task<EditSummary?> LookAsync(EditId id, CancellationToken cancellationToken)
    {
        if (await records.ReadAsync(id, cancellationToken) is not { Value: var record }) return null;
        // The one who ended it is about to say so, or is gone.
        if (record.HasEnded() && !record.DeleteRequested) await index.WriteAsync(record, cancellationToken);
        return EditSummary.Of(record);
    }

    private static EditState? ParseState(string? text)
    {
        if (text is null) return null;
        if (EnumNames.TryParse<EditState>(text, out var state)) return state;
        throw new RequestProblemException(
            "invalid-state", StatusCodes.Status400BadRequest,
            $"There is no state '{text}'. There are: {EnumNames.List<EditState>()}.",
            "state");
    }
}

using System.Collections.Concurrent;
using System.Globalization;
using Azure;
using Imagic.Contracts;
using Imagic.Contracts.Edits;
using Imagic.Functions.Problems;
using Imagic.Storage;

namespace Imagic.Functions.Edits;

/// <summary>Looking at all edits, a page at a time: one call for the page, and one for each edit on it that has not ended.</summary>
internal sealed class ListEdits(EditIndex index, EditRecords records)
{
    private const int MaxLimit = 100;
    private const int ParallelReads = 16;

    // What the storage gives is shorter, and ASCII.
    private const int MaxContinuation = 1024;

    /// <summary>A page, newest first.</summary>
    public async Task<EditList> RunAsync(IQueryCollection query, CancellationToken cancellationToken)
    {
        var wanted = ParseState(query["state"]);
        var page = await ReadAsync(
            wanted is { } state ? EditIndex.FolderOf(state) : StoragePaths.AllEdits, ParseContinuation(query["continuation"]), ParseLimit(query["limit"]), cancellationToken);
        var summaries = new EditSummary?[page.Entries.Count];
        var unreadable = new ConcurrentBag<EditId>();
        await Parallel.ForEachAsync(
            page.Entries.Index(),
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
        return new(
            [.. summaries.OfType<EditSummary>().Where(summary => wanted is null || summary.State == wanted)], page.Continuation,
            unreadable.IsEmpty ? null : [.. unreadable.OrderBy(id => id.Value, StringComparer.Ordinal)]);
    }

    private async Task<EditSummary?> LookAsync(EditId id, CancellationToken cancellationToken)
    {
        if (await records.ReadAsync(id, cancellationToken) is not { Value: var record }) return null;
        // The one who ended it is about to say so, or is gone.
        if (record.HasEnded()) await index.WriteAsync(record, cancellationToken);
        return EditSummary.Of(record);
    }

    private async Task<IndexPage> ReadAsync(string folder, string? continuation, int count, CancellationToken cancellationToken)
    {
        try
        {
            return await index.ReadAsync(folder, continuation, count, cancellationToken);
        }
        catch (RequestFailedException exception) when (exception.IsInvalid() && continuation is not null)
        {
            throw InvalidContinuation();
        }
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

    private static string? ParseContinuation(string? text) =>
        text is null || (text.Length is > 0 and <= MaxContinuation && text.All(c => c is > ' ' and < '\x7f')) ? text : throw InvalidContinuation();

    private static RequestProblemException InvalidContinuation() => new(
        "invalid-continuation", StatusCodes.Status400BadRequest,
        "The continuation is not one that this service gave. Start without it.", "continuation");

    private static int ParseLimit(string? text) => text switch
    {
        null => MaxLimit,
        _ when int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var limit) && limit is >= 1 and <= MaxLimit => limit,
        _ => throw new RequestProblemException(
            "invalid-limit", StatusCodes.Status400BadRequest, $"The limit must be a number from 1 to {MaxLimit}.", "limit"),
    };
}

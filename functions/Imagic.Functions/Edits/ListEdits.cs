using System.Collections.Concurrent;
using System.Globalization;
using Azure;
using Azure.Storage.Blobs.Models;
using Imagic.Contracts;
using Imagic.Contracts.Edits;
using Imagic.Functions.Problems;
using Imagic.Storage;

namespace Imagic.Functions.Edits;

/// <summary>Looking at all edits, a page at a time.</summary>
internal static class ListEdits
{
    private const int MaxLimit = 100;

    // Folders looked at for one answer: where few match, the next call goes on.
    private const int MaxFolders = 1000;
    private const int ParallelReads = 16;

    /// <summary>A page in the order of ids.</summary>
    public static async Task<EditList> RunAsync(
        IQueryCollection query, StorageAccount account, EditRecords records, CancellationToken cancellationToken)
    {
        var wanted = ParseState(query["state"]);
        var count = ParseLimit(query["limit"]);
        string? continuation = query["continuation"];
        var views = new List<EditView>();
        var unreadable = new ConcurrentBag<EditId>();
        var looked = 0;
        do
        {
            // Never more than are still wanted: the storage can go on only from the end of a page.
            var page = await NextPageAsync(account, continuation, count - views.Count, cancellationToken);
            continuation = page.ContinuationToken is { Length: > 0 } token ? token : null;
            looked += page.Values.Count;
            views.AddRange(
                from record in await ReadAsync(page, records, unreadable, cancellationToken)
                where wanted is null || record.State == wanted
                select EditView.Of(record));
        }
        while (continuation is not null && views.Count < count && looked < MaxFolders);

        return new([.. views], continuation, unreadable.IsEmpty ? null : [.. unreadable.OrderBy(id => id.Value, StringComparer.Ordinal)]);
    }

    private static async Task<Page<BlobHierarchyItem>> NextPageAsync(
        StorageAccount account, string? continuation, int count, CancellationToken cancellationToken)
    {
        try
        {
            var options = new GetBlobsByHierarchyOptions { Delimiter = "/" };
            await foreach (var page in account.Edits.GetBlobsByHierarchyAsync(options, cancellationToken).AsPages(continuation, count))
                return page;
            throw new InvalidOperationException("The storage service gave no page at all.");
        }
        catch (RequestFailedException exception) when (exception.IsInvalid() && continuation is not null)
        {
            throw new RequestProblemException(
                "invalid-continuation", StatusCodes.Status400BadRequest,
                "The continuation is not one that this service gave. Start without it.", "continuation");
        }
    }

    private static async Task<IEnumerable<EditRecord>> ReadAsync(
        Page<BlobHierarchyItem> page, EditRecords records, ConcurrentBag<EditId> unreadable, CancellationToken cancellationToken)
    {
        var found = new ConcurrentBag<EditRecord>();
        await Parallel.ForEachAsync(
            page.Values,
            new ParallelOptions { MaxDegreeOfParallelism = ParallelReads, CancellationToken = cancellationToken },
            async (item, cancellation) =>
            {
                if (!EditId.TryParse(item.Prefix?.TrimEnd('/'), out var id)) return;
                try
                {
                    // A folder may have no record: its start is on the way.
                    if (await records.ReadAsync(id, cancellation) is { } record) found.Add(record.Value);
                }
                catch (UnreadableRecordException)
                {
                    unreadable.Add(id);
                }
            });
        return found.OrderBy(record => record.EditId.Value, StringComparer.Ordinal);
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

    private static int ParseLimit(string? text) => text switch
    {
        null => MaxLimit,
        _ when int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var limit) && limit is >= 1 and <= MaxLimit => limit,
        _ => throw new RequestProblemException(
            "invalid-limit", StatusCodes.Status400BadRequest, $"The limit must be a number from 1 to {MaxLimit}.", "limit"),
    };
}

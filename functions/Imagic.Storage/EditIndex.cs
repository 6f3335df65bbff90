using System.Text.Encodings.Web;
using System.Text.Json;
using Azure;
using Azure.Storage.Blobs.Models;
using Imagic.Contracts;
using Imagic.Contracts.Edits;

namespace Imagic.Storage;

/// <summary>An edit as the index knows it.</summary>
/// <param name="Name">Of the entry.</param>
/// <param name="EditId">The edit.</param>
/// <param name="Summary">What was known when the entry was written; null when the entry was damaged.</param>
/// <param name="Written">When that was.</param>
public readonly record struct IndexEntry(string Name, EditId EditId, EditSummary? Summary, DateTimeOffset Written);

/// <summary>A page of entries, newest edits first.</summary>
public sealed record IndexPage(IReadOnlyList<IndexEntry> Entries, string? Continuation);

/// <summary>
/// What lists show of edits, so that a page costs one call however many there are. The records are the truth: they are
/// written first, and an entry that is missing or old is put right by whoever next ends the edit, lists it or sweeps.
/// </summary>
public sealed class EditIndex(StorageAccount account)
{
    /// <summary>Most entries of a page.</summary>
    public const int MaxPage = 5000;

    private const string SummaryKey = "summary";

    // Metadata has 8 KiB at most, in which other letters than Latin ones have to go as they are.
    private static readonly ContractsJsonContext Json =
        new(new(ContractsJsonContext.Default.Options) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });

    private static readonly BlobRequestConditions IfMissing = new() { IfNoneMatch = ETag.All };

    /// <summary>The folder of the edits that have ended in this way.</summary>
    public static string FolderOf(EditState state) => state.HasEnded() ? state.Name() : StoragePaths.EditsUnderWay;

    /// <summary>Writes the entries of an edit; may be done again.</summary>
    public Task WriteAsync(EditRecord record, CancellationToken cancellationToken)
    {
        var summary = EditSummary.Of(record);
        return record.HasEnded()
            ? Task.WhenAll(
                PutAsync(StoragePaths.AllEdits, summary, null, cancellationToken),
                PutAsync(FolderOf(record.State), summary, null, cancellationToken),
                DeleteAsync(StoragePaths.EditsUnderWay, summary, cancellationToken))
            // Never over the entry of an edit that has ended meanwhile.
            : Task.WhenAll(
                PutAsync(StoragePaths.AllEdits, summary, IfMissing, cancellationToken),
                PutAsync(StoragePaths.EditsUnderWay, summary, IfMissing, cancellationToken));
    }

    /// <summary>Writes the entries of an edit that had ended and goes on.</summary>
    public async Task ReopenAsync(EditRecord record, CancellationToken cancellationToken)
    {
        await DeleteAsync(StoragePaths.IndexEntry(StoragePaths.AllEdits, record.Created, record.EditId), cancellationToken);
        await WriteAsync(record, cancellationToken);
    }

    /// <summary>Says that the deletion of an edit begins.</summary>
    public Task WriteDeletingAsync(EditRecord record, CancellationToken cancellationToken) =>
        PutAsync(StoragePaths.EditsBeingDeleted, EditSummary.Of(record), null, cancellationToken);

    /// <summary>Takes an entry away, and those of the same edit in other folders; last the one by which a deletion is found.</summary>
    public async Task DeleteAsync(string name, CancellationToken cancellationToken)
    {
        var key = name[(name.LastIndexOf('/') + 1)..];
        string[] folders = [StoragePaths.AllEdits, .. Enum.GetValues<EditState>().Select(FolderOf).Distinct()];
        await Task.WhenAll(folders.Select(DeleteInAsync));
        await DeleteInAsync(StoragePaths.EditsBeingDeleted);

        Task DeleteInAsync(string folder) => account.Index.GetBlobClient($"{folder}/{key}").DeleteIfExistsAsync(cancellationToken: cancellationToken);
    }

    /// <summary>A page of a folder.</summary>
    /// <param name="folder">Which.</param>
    /// <param name="continuation">Where the page before ended; null begins with the newest.</param>
    /// <param name="count">Most entries.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task<IndexPage> ReadAsync(string folder, string? continuation, int count, CancellationToken cancellationToken)
    {
        await foreach (var page in account.Index.GetBlobsAsync(BlobTraits.Metadata, BlobStates.None, $"{folder}/", cancellationToken).AsPages(continuation, count))
            return new([.. Entries(page.Values)], page.ContinuationToken is { Length: > 0 } token ? token : null);
        throw new InvalidOperationException("The storage service gave no page at all.");
    }

    /// <summary>All entries of a folder, newest first.</summary>
    public async IAsyncEnumerable<IndexEntry> ReadAllAsync(
        string folder, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        string? continuation = null;
        do
        {
            var page = await ReadAsync(folder, continuation, MaxPage, cancellationToken);
            foreach (var entry in page.Entries) yield return entry;
            continuation = page.Continuation;
        }
        while (continuation is not null);
    }

    private static IEnumerable<IndexEntry> Entries(IEnumerable<BlobItem> blobs)
    {
        foreach (var blob in blobs)
        {
            if (StoragePaths.TryParseIndexEntry(blob.Name, out var id))
                yield return new(blob.Name, id, Parse(blob.Metadata), blob.Properties.LastModified ?? default);
        }
    }

    private static EditSummary? Parse(IDictionary<string, string> metadata)
    {
        try
        {
            return metadata.TryGetValue(SummaryKey, out var text)
                ? JsonSerializer.Deserialize(Convert.FromBase64String(text), ContractsJsonContext.Default.EditSummary) : null;
        }
        catch (Exception exception) when (exception is FormatException or JsonException)
        {
            return null;
        }
    }

    private async Task PutAsync(string folder, EditSummary summary, BlobRequestConditions? conditions, CancellationToken cancellationToken)
    {
        // Headers are ASCII, and their spaces may be folded.
        var json = Convert.ToBase64String(JsonSerializer.SerializeToUtf8Bytes(summary, Json.EditSummary));
        try
        {
            await account.Index.GetBlobClient(StoragePaths.IndexEntry(folder, summary.Created, summary.EditId)).UploadAsync(
                BinaryData.Empty,
                new BlobUploadOptions { Metadata = new Dictionary<string, string> { [SummaryKey] = json }, Conditions = conditions },
                cancellationToken);
        }
        catch (RequestFailedException exception) when (conditions is not null && exception.IsConflict())
        {
            // It is there.
        }
    }

    private Task DeleteAsync(string folder, EditSummary summary, CancellationToken cancellationToken) =>
        account.Index.GetBlobClient(StoragePaths.IndexEntry(folder, summary.Created, summary.EditId)).DeleteIfExistsAsync(cancellationToken: cancellationToken);
}

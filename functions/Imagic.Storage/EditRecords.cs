using Imagic.Contracts;
using Imagic.Contracts.Edits;

namespace Imagic.Storage;

/// <summary>
/// The records of edits. Every write is conditional: it succeeds only on what was read, and a write whose answer got
/// lost on the way is recognised as done.
/// </summary>
public sealed class EditRecords(StorageAccount account)
{
    private readonly VersionedBlob<EditRecord> _records = new(account.Edits, ContractsJsonContext.Default.EditRecord);

    /// <summary>Reads a record; null when there is no such edit.</summary>
    /// <exception cref="SchemaException">It was written by a newer program.</exception>
    public Task<Stored<EditRecord>?> ReadAsync(EditId id, CancellationToken cancellationToken) =>
        _records.ReadAsync(StoragePaths.Record(id), cancellationToken);

    /// <summary>Creates a record; null when there is one already that somebody else created.</summary>
    public Task<Stored<EditRecord>?> CreateAsync(EditRecord record, CancellationToken cancellationToken) =>
        WriteAsync(record, (name, next) => _records.CreateAsync(name, next, cancellationToken), cancellationToken);

    /// <summary>Puts <paramref name="next"/> in the place of <paramref name="current"/>; null when that has changed meanwhile.</summary>
    public Task<Stored<EditRecord>?> ReplaceAsync(Stored<EditRecord> current, EditRecord next, CancellationToken cancellationToken) =>
        WriteAsync(
            next with { Sequence = current.Value.Sequence + 1 },
            (name, record) => _records.ReplaceAsync(name, record, current.ETag, cancellationToken),
            cancellationToken);

    /// <summary>Changes a record whoever else changes it meanwhile.</summary>
    /// <param name="id">Which.</param>
    /// <param name="change">Gives the record to write, or null to leave it as it is; may be called several times.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The record as it is then; null when there is no such edit.</returns>
    public async Task<Stored<EditRecord>?> UpdateAsync(
        EditId id, Func<EditRecord, EditRecord?> change, CancellationToken cancellationToken)
    {
        while (await ReadAsync(id, cancellationToken) is { } current)
        {
            if (change(current.Value) is not { } next) return current;
            if (await ReplaceAsync(current, next, cancellationToken) is { } written) return written;
        }

        return null;
    }

    private async Task<Stored<EditRecord>?> WriteAsync(
        EditRecord record, Func<string, EditRecord, Task<Stored<EditRecord>?>> write, CancellationToken cancellationToken)
    {
        record = record with { Revision = Guid.NewGuid().ToString("D") };
        if (await write(StoragePaths.Record(record.EditId), record) is { } written) return written;
        // A retry meets its own first attempt when that one's answer was lost.
        var found = await ReadAsync(record.EditId, cancellationToken);
        return found?.Value.Revision == record.Revision ? found : null;
    }
}

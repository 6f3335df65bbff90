using System.Text.Json;
using Imagic.Contracts;
using Imagic.Contracts.Edits;
using Imagic.Storage.Resilience;
using Polly;

namespace Imagic.Storage;

/// <summary>
/// The records of edits. Every write is conditional: it succeeds only on what was read, and a write whose answer got
/// lost on the way is recognised as done.
/// </summary>
public sealed class EditRecords(StorageAccount account, TimeProvider? time = null)
{
    private readonly VersionedBlob<EditRecord> _records = new(account.Edits, ContractsJsonContext.Default.EditRecord);
    private readonly ResiliencePipeline _contended = ResiliencePipelines.Contended(time ?? TimeProvider.System);

    /// <summary>Reads a record; null when there is no such edit.</summary>
    /// <exception cref="UnreadableRecordException">It was written by a newer program, or is damaged.</exception>
    public Task<Stored<EditRecord>?> ReadAsync(EditId id, CancellationToken cancellationToken) => ReadAsync(id, known: null, cancellationToken);

    /// <summary>Reads a record unless it is still what was read before, which is then given back; null when there is no such edit any more.</summary>
    /// <exception cref="UnreadableRecordException">It was written by a newer program, or is damaged.</exception>
    public async Task<Stored<EditRecord>?> ReadAsync(EditId id, Stored<EditRecord>? known, CancellationToken cancellationToken)
    {
        try
        {
            var stored = await _records.ReadAsync(StoragePaths.Record(id), known, cancellationToken);
            // It would be written back to where it says it belongs, on the condition that nobody can meet there.
            if (stored?.Value.EditId is { } found && found != id) throw new JsonException($"It says that it is of the edit '{found}'.");
            return stored;
        }
        catch (Exception exception) when (exception is SchemaException or JsonException)
        {
            throw new UnreadableRecordException(id, exception);
        }
    }

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
    /// <exception cref="ContendedException">It could not be written for about four seconds.</exception>
    public async Task<Stored<EditRecord>?> UpdateAsync(
        EditId id, Func<EditRecord, EditRecord?> change, CancellationToken cancellationToken) =>
        await _contended.ExecuteAsync(
            async token =>
            {
                if (await ReadAsync(id, token) is not { } current) return null;
                if (change(current.Value) is not { } next) return current;
                return await ReplaceAsync(current, next, token) ?? throw new ContendedException(StoragePaths.Record(id));
            },
            cancellationToken);

    /// <summary>Deletes a record unless it has changed meanwhile.</summary>
    public Task DeleteAsync(Stored<EditRecord> current, CancellationToken cancellationToken) =>
        _records.TryDeleteAsync(StoragePaths.Record(current.Value.EditId), current.ETag, cancellationToken);

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

/// <summary>There is a record, and this program cannot read it. Nothing is done about its edit.</summary>
public sealed class UnreadableRecordException(EditId id, Exception inner) : ImagicException(
    "edit-unreadable", FaultKind.Failed,
    $"The record of the edit '{id}' cannot be read, so nothing is done about it: {inner.Message} It is the blob {StoragePaths.Edits}/{StoragePaths.Record(id)}.", inner);

using Imagic.Contracts;
using Imagic.Contracts.Edits;
using Imagic.Contracts.Settings;
using Imagic.Storage;
using Imagic.Storage.Resilience;
using Polly;

namespace Imagic.Worker.Leases;

/// <summary>
/// A line of an edit's stages while this worker has it. All writes to its record go through here, one at a time; the first that finds the
/// record under another epoch ends the claim.
/// </summary>
/// <param name="records">The records of edits.</param>
/// <param name="claimed">The record as the claim has left it.</param>
/// <param name="stage">The stage that is claimed.</param>
/// <param name="time">Clock.</param>
/// <param name="messageLost">Ends the claim: without its message another worker goes on with the edit.</param>
internal sealed class EditLease(EditRecords records, Stored<EditRecord> claimed, EditStage stage, TimeProvider time, CancellationToken messageLost) : IDisposable
{
    // A worker that was frozen has to look before it writes; one that wrote a moment ago has looked.
    private static readonly TimeSpan RecheckAfter = TimeSpan.FromSeconds(2);

    private readonly SemaphoreSlim _oneWriter = new(1);
    private readonly ResiliencePipeline _contended = ResiliencePipelines.Contended(time);
    private readonly CancellationTokenSource _lost = CancellationTokenSource.CreateLinkedTokenSource(messageLost);
    private Stored<EditRecord> _current = claimed;
    private long _confirmed = time.GetTimestamp();

    public EditId Id { get; } = claimed.Value.EditId;

    public EditStage Stage => stage;

    public int Epoch { get; } = claimed.Value.TurnOf(stage).Epoch;

    /// <summary>The record as this worker last saw it; another worker's once the claim is over.</summary>
    public EditRecord Record => _current.Value;

    /// <summary><see cref="Record"/> as it is stored.</summary>
    public Stored<EditRecord> Current => _current;

    /// <summary>The turn of the stage in <see cref="Record"/>.</summary>
    public EditTurn Turn => Record.TurnOf(stage);

    /// <summary>Cancelled once the claim is over.</summary>
    public CancellationToken Lost => _lost.Token;

    /// <summary>Changes the record.</summary>
    /// <param name="change">Gives the record to write; called again when somebody without a claim changed it meanwhile.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="LeaseLostException">The claim is over.</exception>
    public async Task UpdateAsync(Func<EditRecord, EditRecord> change, CancellationToken cancellationToken)
    {
        await _oneWriter.WaitAsync(cancellationToken);
        try
        {
            if (_lost.IsCancellationRequested) throw new LeaseLostException(Id.Value, Epoch);
            await _contended.ExecuteAsync(async token => await TryUpdateAsync(change, token), cancellationToken);
        }
        finally
        {
            _oneWriter.Release();
        }
    }

    private async Task TryUpdateAsync(Func<EditRecord, EditRecord> change, CancellationToken cancellationToken)
    {
        if (await records.ReplaceAsync(_current, change(_current.Value), cancellationToken) is { } written)
        {
            (_current, _confirmed) = (written, time.GetTimestamp());
            return;
        }

        var found = await records.ReadAsync(Id, cancellationToken);
        // One that was deleted and started anew has the same epochs.
        var isSame = found?.Value.Created == Record.Created;
        _current = found ?? _current;
        if (isSame && Turn.Epoch == Epoch && !Record.HasEnded()) throw new ContendedException(StoragePaths.Record(Id));
        await _lost.CancelAsync();
        throw new LeaseLostException(Id.Value, Epoch);
    }

    /// <summary>Makes sure that the claim still holds, before something is written beside the record.</summary>
    /// <exception cref="LeaseLostException">The claim is over.</exception>
    public Task GuardAsync(CancellationToken cancellationToken) =>
        !_lost.IsCancellationRequested && time.GetElapsedTime(Volatile.Read(ref _confirmed)) < RecheckAfter
            ? Task.CompletedTask
            : UpdateAsync(record => record, cancellationToken);

    public void Dispose()
    {
        _oneWriter.Dispose();
        _lost.Dispose();
    }
}

using System.CommandLine;
using Imagic.Contracts.Edits;
using Imagic.Storage;

namespace Imagic.Cli.Operations;

/// <summary>
/// <c>imagic resume</c>: sends the message of an edit that got stuck once more, or starts one that failed over, with the
/// same id and picture. A message too many does no harm.
/// </summary>
internal static class ResumeCommand
{
    public static Command Create()
    {
        var id = new Argument<string>("id") { Description = $"The edit, in the storage account in {StorageOptions.Connection}" };
        var command = new Command("resume", "Sets an edit going again that is stuck or failed") { id };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var account = new StorageAccount(StorageOptions.FromEnvironment());
            Terminal.WriteLine(await ResumeAsync(account, CommandLine.ParseEditId(parsed.GetRequiredValue(id)), cancellationToken));
            return ExitCode.Done;
        });
        return command;
    }

    private static async Task<string> ResumeAsync(StorageAccount account, EditId id, CancellationToken cancellationToken)
    {
        var stored = await new EditRecords(account).UpdateAsync(id, StartOver, cancellationToken)
            ?? throw new BadInputException($"There is no edit '{id}' at {account.Blobs.Uri}.");
        var record = stored.Value;
        if (record.DeleteRequested) throw new BadInputException($"The edit '{id}' is being deleted; there is nothing to resume.");
        if (record.HasEnded())
        {
            var why = record.Batch is { } batch ? $" It is line {batch.Line} of the batch '{batch.Name}': upload the manifest again to have it done again." : "";
            throw new BadInputException($"The edit '{id}' has {record.State.Name()}; there is nothing to resume.{why}");
        }

        await new EditIndex(account).ReopenAsync(record, cancellationToken);
        var sender = new StageSender(account);
        var lines = new List<string>();
        foreach (var stage in record.Due())
        {
            await sender.SendAsync(id, stage, cancellationToken);
            lines.Add($"{id}: asked for {stage.Name()} again" + (record.TurnOf(stage).Claim is { } claim
                ? $"; worker {claim.Worker} has it, and while that lives the message changes nothing."
                : "."));
        }

        return string.Join(Environment.NewLine, lines);
    }

    // The end of a failed edit has removed what its stages had left, so it begins at the first. A batch has counted its
    // lines by then.
    private static EditRecord? StartOver(EditRecord record) => record is { State: EditState.Failed, Batch: null, DeleteRequested: false }
        ? record with
        {
            State = EditState.Queued,
            Stage = record.Settings.Stages()[0],
            Stages = [],
            Attempts = 0,
            MachineFaults = 0,
            Restart = null,
            Error = null,
            LastFailure = null,
            Ended = null,
            Progress = null,
            SuperResolution = record.SuperResolution is { } turn ? new(EditStage.FineTuneSuperResolution) { Epoch = turn.Epoch } : null,
        }
        : null;
}

using Imagic.Contracts.Edits;
using Imagic.Diffusion;
using Imagic.Editing;
using Imagic.Editing.Checkpoints;
using Imagic.Marks;
using Imagic.Marks.Watermark;
using Imagic.Storage.Signing;
using Imagic.Worker;
using Spectre.Console;

namespace Imagic.Cli.Edit;

/// <summary>Where and how an edit is computed in this process.</summary>
/// <param name="CheckSafety">Whether the package's safety checker is asked.</param>
/// <param name="Watermark">Whether the pixels of the pictures are marked.</param>
internal sealed record DirectOptions(EditOptions Options, ComputeOptions Compute, bool CheckSafety, bool Watermark);

/// <summary>All stages in this process, with checkpoints in the results' folder.</summary>
internal static class DirectEdit
{
    public static async Task<int> RunAsync(
        EditPlan plan, DirectOptions direct, ResultFolder results, IAnsiConsole console, TimeProvider time, CancellationToken cancellationToken)
    {
        var (package, source, settings) = (plan.Package!, plan.Source!, plan.Settings);
        var signing = SigningOptions.FromEnvironment();
        var marks = PictureMarks.Open(signing.OpenVault(time), signing.File, time);
        TorchLibrary.Load(direct.Compute.Threads);
        var folder = results.Root;
        new LocalDisk().Do(folder, () => Directory.CreateDirectory(folder));
        plan.Describe(console);
        using var models = new LoadedModels(package, direct.Compute.Dtype, direct.Compute.Device);
        var store = new FolderCheckpointStore(Path.Combine(folder, "work"));
        store.RemoveUnfinished();
        var journal = new CheckpointJournal(store, await CheckpointJournal.NextEpochAsync(store, cancellationToken));
        var outcome = await StageDisplay.RunAsync(console, settings.Stages(), time, async display =>
        {
            var progress = new EventProgress(display, new(folder), time);
            using var runner = await EditRunner.CreateAsync(
                models, journal, source.Working, settings, direct.Options, progress, time, cancellationToken);
            return await runner.RunAsync(cancellationToken);
        });

        if (outcome is EditOutcome.Stopped stopped)
        {
            console.WriteLine($"Stopped in stage {stopped.Stage.Name()} after step {stopped.Step}; the same command goes on from there.");
            return cancellationToken.IsCancellationRequested ? ExitCode.Stopped : ExitCode.Done;
        }

        var rendered = await ResultFiles.RenderAsync(
            source, settings, (EditOutcome.Finished)outcome, models, direct.CheckSafety, marks,
            direct.Watermark ? new WatermarkWriter(IdOf(plan)) : null, time, CancellationToken.None);
        ResultFolder.Write(folder, rendered.Files, rendered.Record.Withheld);
        results.Describe(console, rendered.Record);
        return ExitCode.Done;
    }

    // It has no name of its own: the same edit has the same one, so that its pictures have the same pixels.
    private static EditId IdOf(EditPlan plan) =>
        EditId.Derive("direct", EditRequest.Hash(plan.Package!.Name, plan.Settings, plan.Source!.Size, plan.Source.Sha256));
}

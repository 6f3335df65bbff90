using System.CommandLine;
using System.Globalization;
using Imagic.Diffusion.Packages;
using Imagic.Editing;
using Imagic.Editing.Checkpoints;
using Spectre.Console;
using static TorchSharp.torch;

namespace Imagic.Cli.Edit;

/// <summary><c>imagic edit</c>: one picture, one sentence, all three stages in this process.</summary>
internal static class EditCommand
{
    public static Command Create()
    {
        var arguments = new EditArguments();
        var command = arguments.AddTo(new("edit", "Edits a picture so that a sentence becomes true of it"));
        command.SetAction((parsed, cancellationToken) => RunAsync(arguments, parsed, AnsiConsole.Console, cancellationToken));
        return command;
    }

    private static async Task<int> RunAsync(
        EditArguments arguments, ParseResult parsed, IAnsiConsole console, CancellationToken cancellationToken)
    {
        // 1. Everything that can be wrong is looked at before anything is computed.
        var package = ModelFolders.OpenVerified(parsed.GetRequiredValue(arguments.Model));
        var settings = arguments.Overrides(parsed).Resolve(parsed.GetRequiredValue(arguments.Text), package.Name);
        var options = arguments.Options(parsed);
        var device = Devices.Parse(parsed.GetRequiredValue(arguments.Device));
        var dtype = parsed.GetValue(arguments.Precision) == Precision.BFloat16 ? ScalarType.BFloat16 : ScalarType.Float32;
        var file = parsed.GetRequiredValue(arguments.Picture);
        var source = SourcePicture.Read(file, package, arguments.WorkingSize(parsed));
        set_num_threads(Math.Max(1, parsed.GetValue(arguments.Threads))); // libtorch's own guess is 1 on many virtual machines
        WarnOfTruncation(console, package, settings.TargetText);
        var folder = Directory.CreateDirectory(parsed.GetRequiredValue(arguments.Out)).FullName;

        // 2. The three stages.
        console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"Editing {Path.GetFileName(file)} ({source.Original.Width}x{source.Original.Height}, at {source.Working.Width}x{source.Working.Height}): \"{settings.TargetText}\""));
        using var models = new LoadedModels(package, dtype, device);
        var store = new FolderCheckpointStore(Path.Combine(folder, "work"));
        var journal = new CheckpointJournal(store, await CheckpointJournal.NextEpochAsync(store, cancellationToken));
        var clock = TimeProvider.System;
        var outcome = await EditProgress.RunAsync(console, folder, clock, async progress =>
        {
            using var runner = await EditRunner.CreateAsync(
                models, journal, source.Working.ToPicture(), settings, options, progress, clock, cancellationToken);
            return await runner.RunAsync(cancellationToken);
        });

        // 3. What there is to look at.
        if (outcome is EditOutcome.Stopped stopped)
        {
            console.WriteLine($"Stopped in stage {stopped.Stage.Name()} after step {stopped.Step}; the same command goes on from there.");
            return cancellationToken.IsCancellationRequested ? ExitCode.Stopped : ExitCode.Done;
        }

        var results = await ResultFiles.RenderAsync(
            source, settings, (EditOutcome.Finished)outcome, models, clock, CancellationToken.None);
        ResultFolder.Write(folder, results.Files);
        ResultFolder.Describe(console, folder, results.Record);
        return ExitCode.Done;
    }

    private static void WarnOfTruncation(IAnsiConsole console, ModelPackage package, string text)
    {
        if (package.LoadTokenizer().Encode(text) is { IsCut: true } tokens)
            console.WriteLine($"The text is longer than the model reads; the end is cut: \"{tokens.CutText}\"");
    }
}

using System.CommandLine;
using Imagic.Cli.Edit;
using Imagic.Cli.Progress;
using Imagic.Diffusion;
using Imagic.Editing;
using Imagic.Lab.DataSet;
using Imagic.Lab.Train.Scorer;
using Spectre.Console;
using static TorchSharp.torch;

namespace Imagic.Lab.EmojiEdBench;

/// <summary><c>imagic lab eval</c>: EmojiEdBench, Imagic against SDEdit, DDIB and text-to-image on the same model.</summary>
internal static class EvalCommand
{
    public static Command Create()
    {
        var arguments = new EvalArguments();
        var command = arguments.AddTo(new("eval", "Measures a model's edits on EmojiEdBench, and those of SDEdit, DDIB and text-to-image"));
        command.SetAction((parsed, cancellationToken) => RunAsync(arguments, parsed, AnsiConsole.Console, TimeProvider.System, cancellationToken));
        return command;
    }

    private static async Task<int> RunAsync(
        EvalArguments arguments, ParseResult parsed, IAnsiConsole console, TimeProvider time, CancellationToken cancellationToken)
    {
        // Everything that can be wrong is looked at before anything is computed.
        var package = ModelFolders.OpenVerified(parsed.GetRequiredValue(arguments.Edit.Model));
        var plan = arguments.Plan(parsed, package.Name);
        var (shard, isReportOnly) = (arguments.Shard(parsed), parsed.GetValue(arguments.ReportOnly));
        var data = DataSetReader.Open(parsed.GetRequiredValue(arguments.Data));
        var pictures = new BenchImages(data);
        pictures.Check(plan.Edits);
        arguments.CheckSize(package.ReadGeometry(), data.Side);
        var direct = arguments.Edit.DirectOptions(parsed, plan.Settings.Stages());
        TorchLibrary.Load(direct.Compute.Threads);
        using var scorer = shard is null ? ImageTextScorer.Load(parsed.GetRequiredValue(arguments.Scorer), direct.Compute.Device) : null;
        using var models = new LoadedModels(package, direct.Compute.Dtype, direct.Compute.Device);
        var folder = Path.GetFullPath(parsed.GetRequiredValue(arguments.Out));
        var run = new EvalRun(models, pictures, plan, new(folder, parsed.GetValue(arguments.KeepTuned), direct.Options), time);
        var isQuiet = parsed.GetValue(arguments.Json);
        if (!isReportOnly)
        {
            await ShowAsync<EvalProgress, bool>(
                isQuiet, console, time, "edits", step => new(step.Edit.Id, step.Done, step.Of, $"{step.Done:F1} of {step.Of} edits"),
                async progress =>
                {
                    await run.RunAsync(shard ?? Shard.Whole, progress, cancellationToken);
                    return true;
                });
        }
        if (scorer is null) return ExitCode.Done;
        if (await run.FindMissingAsync(cancellationToken) is { } missing)
            throw new BadInputException($"{folder} holds no pictures of {missing.Id} that were made with this model and these settings. Leave --report-only out, or give all that they were made with.");

        var summary = await ShowAsync<(int Done, int Of), EvalSummary>(
            isQuiet, console, time, "gallery", step => new("gallery", step.Done, step.Of, $"{step.Done} of {step.Of} drawings compared"),
            progress => Task.FromResult(Score(plan, data, pictures, models, scorer, folder, progress, cancellationToken)));
        // Figures first: they need no image codec, which a machine that only computes may lack.
        var model = (package.Name, await models.HashAsync(cancellationToken));
        EvalReport.WriteScores(folder, summary, model, data.Manifest.Sha256);
        if (isQuiet) Console.WriteLine(EvalFigures.Of(summary).ToJson());
        else EvalTables.Write(console, summary);
        EvalReport.WritePage(folder, summary, pictures, model, data.Manifest.Sha256);
        EvalReport.WriteSheets(folder, summary, pictures);
        if (isQuiet) return ExitCode.Done;
        Terminal.WriteLine(console, $"  report  {Path.Combine(folder, EvalReport.PageFile)}");
        Terminal.WriteLine(console, $"  edits   {Path.Combine(folder, EvalReport.SheetFile)}");
        if (summary.Failed.Count() is > 0 and var failed)
            Terminal.WriteLine(console, $"  failed  {Path.Combine(folder, EvalReport.FailuresFile)} ({failed} of {summary.Scores.Count})");
        Terminal.WriteLine(console, $"  scores  {Path.Combine(folder, EvalReport.ScoresFile)}");
        return ExitCode.Done;
    }

    private static EvalSummary Score(
        EvalPlan plan, DataSetReader data, BenchImages pictures, LoadedModels models, ImageTextScorer scorer, string folder,
        IProgress<(int Done, int Of)> progress, CancellationToken cancellationToken)
    {
        var results = new EvalResults(folder);
        using var gallery = OpenGallery(data, models.Device, scorer, Path.Combine(folder, "gallery.safetensors"), progress, cancellationToken);
        var edits = new EditScorer(models.Vae, scorer.EmbedImages, gallery, pictures, models.Device);
        return new(plan, [.. plan.Edits.Select(edit =>
        {
            using var made = results.Read(edit);
            return edits.Score(edit, plan.Renderings, made);
        })]);
    }

    // Minutes on a CPU, and the same for every report of a data set.
    private static Gallery OpenGallery(
        DataSetReader data, Device device, ImageTextScorer scorer, string path, IProgress<(int Done, int Of)> progress, CancellationToken cancellationToken)
    {
        var fingerprint = $"data {data.Manifest.Sha256} scorer {scorer.Sha256}";
        if (Gallery.Read(path, fingerprint, data, device) is { } known) return known;
        using var drawings = new DeviceDrawings(data, device);
        var gallery = Gallery.Embed(data, drawings, scorer.EmbedImages, (done, of) => progress.Report((done, of)), cancellationToken);
        gallery.Write(path, fingerprint);
        return gallery;
    }

    private static Task<TResult> ShowAsync<TReport, TResult>(
        bool isQuiet, IAnsiConsole console, TimeProvider time, string title, Func<TReport, WorkStep> describe, Func<IProgress<TReport>, Task<TResult>> work)
        where TReport : struct =>
        isQuiet ? work(new Silence<TReport>()) : WorkDisplay.RunAsync(console, time, title, describe, work);

    /// <summary>For an output that a program reads.</summary>
    private sealed class Silence<T> : IProgress<T>
    {
        public void Report(T value)
        {
        }
    }
}

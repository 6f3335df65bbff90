using System.Globalization;
using Imagic.Editing;
using Imagic.Imaging;
using static TorchSharp.torch;

namespace Imagic.Lab.EmojiEdBench;

/// <summary>Writes what an evaluation has found.</summary>
public static class EvalReport
{
    public const string PageFile = "report.html", ScoresFile = "scores.json", SheetFile = "edits.png", FailuresFile = "failures.png", AxesFile = "axes.png";

    public static void WriteScores(string folder, EvalSummary summary, (string Name, string Sha256) model, string dataSet) =>
        File.WriteAllBytes(Path.Combine(folder, ScoresFile), EvalRecord.Of(summary, model.Sha256, dataSet).ToJson());

    /// <param name="folder">Holds the results.</param>
    /// <param name="model">Name of the model, and SHA-256 of its package.</param>
    /// <param name="dataSet">SHA-256.</param>
    public static void WritePage(string folder, EvalSummary summary, BenchImages drawings, (string Name, string Sha256) model, string dataSet)
    {
        ArgumentNullException.ThrowIfNull(summary);
        var results = new EvalResults(folder);
        var html = EvalPage.Html(
            summary, $"EmojiEdBench: {summary.Scores.Count} edits with {model.Name}", [.. Facts(summary.Plan, model, dataSet)],
            (edit, rendering) => Picture(results, summary.Plan, edit, rendering), drawings);
        File.WriteAllText(Path.Combine(folder, PageFile), html);
    }

    /// <summary>The first edits of each kind on one picture, on another all that failed, if any did, and axes where there are some.</summary>
    /// <param name="folder">Holds the results.</param>
    public static void WriteSheets(string folder, EvalSummary summary, BenchImages drawings)
    {
        ArgumentNullException.ThrowIfNull(summary);
        var results = new EvalResults(folder);
        var failures = Path.Combine(folder, FailuresFile);
        File.WriteAllBytes(Path.Combine(folder, SheetFile), EvalSheet.First(summary, ImageOf, drawings));
        if (summary.Plan.Search is not null || summary.Plan.IsSweep) File.WriteAllBytes(Path.Combine(folder, AxesFile), EvalSheet.Axes(summary, ImageOf, drawings));
        if (EvalSheet.Failures(summary, ImageOf, drawings) is { } png) File.WriteAllBytes(failures, png);
        else File.Delete(failures);

        RgbImage ImageOf(BenchEdit edit, Rendering rendering) => Picture(results, summary.Plan, edit, rendering);
    }

    private static RgbImage Picture(EvalResults results, EvalPlan plan, BenchEdit edit, Rendering rendering)
    {
        using var pictures = results.Read(edit);
        return ImageTensors.ToImage(pictures, plan.Renderings.Index().First(entry => entry.Item == rendering).Index);
    }

    private static IEnumerable<(string Name, string Value)> Facts(EvalPlan plan, (string Name, string Sha256) model, string dataSet)
    {
        var settings = plan.Settings;
        yield return ("Model", $"{model.Name}, sha256 {model.Sha256}");
        yield return ("Data set", $"sha256 {dataSet}");
        yield return ("Profile", settings.Profile);
        yield return ("Optimize", Training(settings.Optimize));
        yield return ("Fine-tune", Training(settings.FineTune));
        yield return ("Sampling", string.Create(CultureInfo.InvariantCulture, $"{settings.Sample.Scheduler}, {settings.Sample.Steps} steps, guidance {settings.Sample.Guidance:0.##}; the baselines the same with Ddim"));
        yield return ("Seed", string.Create(CultureInfo.InvariantCulture, $"{settings.Seed} for all edits and methods"));

        static string Training(Contracts.Settings.DescentSettings training) => string.Create(
            CultureInfo.InvariantCulture, $"{training.Steps} steps at {training.LearningRate:0.######e+0}, {training.Batch} timesteps each");
    }
}

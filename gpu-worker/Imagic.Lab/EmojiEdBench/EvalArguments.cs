using System.CommandLine;
using System.Globalization;
using Imagic.Cli.Edit;
using Imagic.Cli.Up;
using Imagic.Diffusion.Packages;

namespace Imagic.Lab.EmojiEdBench;

/// <summary>The command line of <c>imagic lab eval</c>: that of <c>edit</c>, and what is measured.</summary>
internal sealed class EvalArguments
{
    private static readonly double[] DefaultStrengths = [0.04, 0.08, 0.12, 0.16, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1];

    public EditArguments Edit { get; } = new();

    public Option<string> Data { get; } = new("--data") { Description = "Data set, made by 'imagic lab dataset'", DefaultValueFactory = _ => "dataset" };

    public Option<string> Scorer { get; } = new("--scorer") { Description = "Network that compares pictures, made by 'imagic lab train'", DefaultValueFactory = _ => LabFiles.Scorer };

    public Option<string> Out { get; } = new("--out", "-o") { Description = "Folder for pictures and report; a run that was stopped goes on from there", DefaultValueFactory = _ => "eval" };

    public Option<string> Set { get; } = new("--set") { Description = "Edits to do: bench (100), or tuning (20) to choose numbers by", DefaultValueFactory = _ => "bench" };

    public Option<string?> Strengths { get; } = new("--sdedit") { Description = $"SDEdit's strengths; by default {string.Join(',', DefaultStrengths.Select(value => value.ToString(CultureInfo.InvariantCulture)))}" };

    public Option<string?> ShardOf { get; } = new("--shard") { Description = "Do every N-th edit only, e.g. 2/4, and no report: for several processes with the same --out" };

    public Option<bool> ReportOnly { get; } = new("--report-only") { Description = "Measure what shards have made" };

    public Option<bool> KeepTuned { get; } = new("--keep-tuned") { Description = "Keep the tuned weights of each edit, so that another --eta or --blend needs no tuning again" };

    public Option<bool> Json { get; } = new("--json") { Description = "Print the figures as one JSON object, and nothing else" };

    public Command AddTo(Command command)
    {
        Option[] options =
        [
            Edit.Model, Data, Scorer, Out, Set, Edit.Eta, Edit.Alignment, Edit.Blend, Edit.Profile, Edit.Negative, Edit.Guidance, Edit.Steps, Edit.SampleBatch, Edit.OptimizeSteps,
            Edit.OptimizeRate, Edit.FineTuneSteps, Edit.FineTuneRate, Edit.Batch, Edit.EarlyStop, Edit.Latent, Edit.Seed, Strengths, .. Edit.Compute.All,
            Edit.CheckpointSeconds, ShardOf, ReportOnly, KeepTuned, Json,
        ];
        foreach (var option in options) command.Add(option);
        return command;
    }

    /// <summary>What is going to be made. Without --eta and --blend, the strength that the profile suggests, plain Imagic beside it, and a strength that is found for each edit.</summary>
    public EvalPlan Plan(ParseResult parsed, string model)
    {
        var edits = Edits(parsed);
        var given = Edit.Overrides(parsed);
        var overrides = given with { Seeds = [parsed.GetValue(Edit.Seed) ?? 0], Search = null };
        var suggested = overrides.Resolve(edits[0].Text, model).Suggested;
        var settings = (overrides with { Etas = overrides.Etas ?? [suggested.Eta], Blends = overrides.Blends ?? (suggested.Blend == 1 ? [1] : [1, suggested.Blend]) }).Resolve(edits[0].Text, model);
        return new(edits, settings, SdEditStrengths(parsed), given.Search?.Resolve());
    }

    /// <summary>Null when this process does all edits.</summary>
    public Shard? Shard(ParseResult parsed)
    {
        if (parsed.GetValue(ShardOf) is not { } text) return null;
        if (parsed.GetValue(ReportOnly)) throw new BadInputException("--shard makes pictures, --report-only makes none. Leave one of the two out.");
        return Imagic.Lab.EmojiEdBench.Shard.TryParse(text, out var shard) ? shard : throw new BadInputException($"--shard takes I/N with I from 1 to N, e.g. 2/4; got '{text}'.");
    }

    /// <summary>The drawings are edited as they are: nothing is resized.</summary>
    public void CheckSize(ImageGeometry geometry, int side)
    {
        if (side % geometry.Multiple != 0)
            throw new BadInputException($"The data set's drawings are {side} pixels wide; this model takes multiples of {geometry.Multiple}. Make one with 'imagic lab dataset --size {geometry.Side}'.");
    }

    private IReadOnlyList<BenchEdit> Edits(ParseResult parsed) => parsed.GetRequiredValue(Set) switch
    {
        "bench" => BenchEdits.Bench,
        "tuning" => BenchEdits.Tuning,
        var other => throw new BadInputException($"--set takes bench or tuning, not '{other}'."),
    };

    private double[] SdEditStrengths(ParseResult parsed)
    {
        var strengths = EditArguments.Numbers<double>(parsed, Strengths) is { } given ? [.. given.Distinct().Order()] : DefaultStrengths;
        return strengths.Length > 0 && strengths.All(strength => strength is > 0 and <= 1)
            ? strengths
            : throw new BadInputException("--sdedit takes strengths above 0 up to 1, e.g. 0.3,0.5,0.7.");
    }
}

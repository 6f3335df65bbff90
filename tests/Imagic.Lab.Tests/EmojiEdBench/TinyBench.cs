using System.Collections.Immutable;
using Imagic.Contracts.Settings;
using Imagic.Diffusion.Packages;
using Imagic.Editing;
using Imagic.Lab.DataSet;
using Imagic.Lab.EmojiEdBench;
using Imagic.Lab.Tests.DataSet;
using Imagic.Tests;
using static TorchSharp.torch;

namespace Imagic.Lab.Tests.EmojiEdBench;

/// <summary>Two edits of a data set of eight 16×16 drawings, with the reference's tiny model: milliseconds each.</summary>
internal static class TinyBench
{
    public static BenchEdit[] Edits { get; } =
    [
        new("one", EditKind.Colour, new("noto", "blue circle"), new("noto", "red circle"), "red circle, noto style"),
        new("two", EditKind.Style, new("noto", "green heart"), new("blob", "green heart"), "green heart, blob style"),
    ];

    public static EditSettings Settings { get; } = new()
    {
        TargetText = "any",
        Profile = "test",
        Optimize = new(3, 1e-2) { Batch = 2 },
        FineTune = new(3, 1e-3),
        Sample = new() { Seeds = [7], Etas = [0.8], Blends = [0.5], Guidance = 3, Steps = 4 },
        Suggested = new(0.8, 0.5),
        Seed = 7,
        Latent = LatentMode.Mean,
    };

    public static EvalPlan Plan { get; } = new(Edits, Settings, [0.25, 0.5, 1], new() { Renders = 4, Steps = 2 });

    public static LoadedModels LoadModels() => new(ModelPackage.Open(RepositoryFiles.Fixture("sd1-micro")), ScalarType.Float32, CPU);

    /// <summary>Writes the data set: the two sources are held out.</summary>
    public static DataSetReader WriteData(string folder) =>
        TinyDataSet.Write(folder, [.. Edits.Select(edit => (edit.Source.Style, edit.Source.Concept))]);
}

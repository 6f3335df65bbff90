using System.Collections.Immutable;
using System.Text.Json;
using Imagic.Contracts.Settings;
using Imagic.Diffusion.Packages;
using Imagic.Editing;
using Imagic.Tests;
using Imagic.Training.DataSet;
using Imagic.Training.EmojiEdBench;
using static TorchSharp.torch;

namespace Imagic.Training.Tests.EmojiEdBench;

/// <summary>Two edits of a data set of eight 16×16 drawings, with the reference's tiny model: milliseconds each.</summary>
static class TinyBench
{
    const int Side = 16;

    static readonly string[] Concepts = ["blue circle", "red circle", "green heart", "red heart"];

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

    public static EvalPlan Plan { get; } = new(Edits, Settings, [0.25, 0.5, 1]);

    public static LoadedModels LoadModels() => new(ModelPackage.Open(RepositoryFiles.Fixture("sd1-micro")), ScalarType.Float32, CPU);

    /// <summary>Writes the data set: each concept in two styles, the two sources held out.</summary>
    public static DataSetReader WriteData(string folder)
    {
        DataSetItem[] items =
        [
            .. from style in (string[])["noto", "blob"]
               from concept in Concepts
               let split = Edits.Any(edit => edit.Source == new StyledConcept(style, concept)) ? DataSetSplit.HeldOut : DataSetSplit.Training
               orderby split
               select new DataSetItem(style, concept, concept, concept, "symbols", [concept], [concept], split),
        ];
        File.WriteAllLines(
            Path.Combine(folder, DataSetBuilder.ItemsFile), items.Select(item => JsonSerializer.Serialize(item, DataSetItemJson.Default.DataSetItem)));
        File.WriteAllBytes(Path.Combine(folder, DataSetBuilder.DrawingsFile), [.. items.SelectMany(Draw)]);
        var manifest = new DataSetManifest(DataSetBuilder.Schema, Side, 0, items.Length, 6, 2, [], [], [], "none");
        File.WriteAllText(Path.Combine(folder, DataSetBuilder.ManifestFile), JsonSerializer.Serialize(manifest, DataSetManifestJson.Default.DataSetManifest));
        return DataSetReader.Open(folder);
    }

    /// <summary>A filled circle, or a filled square for a heart; smaller in blob. Premultiplied (16, 16, 4).</summary>
    static byte[] Draw(DataSetItem item)
    {
        var pixels = new byte[Side * Side * 4];
        var reach = item.Style == "blob" ? 4 : 7;
        for (var i = 0; i < Side * Side; i++)
        {
            var (x, y) = (i % Side - Side / 2, i / Side - Side / 2);
            var isInside = item.Concept.EndsWith("heart", StringComparison.Ordinal) ? Math.Max(Math.Abs(x), Math.Abs(y)) < reach : x * x + y * y < reach * reach;
            if (!isInside) continue;
            pixels[4 * i + (item.Concept.Split(' ')[0] switch { "red" => 0, "green" => 1, _ => 2 })] = 200;
            pixels[4 * i + 3] = 255;
        }
        return pixels;
    }
}

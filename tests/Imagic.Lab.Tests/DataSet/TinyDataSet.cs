using System.Text.Json;
using Imagic.Lab.DataSet;

namespace Imagic.Lab.Tests.DataSet;

/// <summary>A data set of eight 16×16 drawings: four concepts in two styles.</summary>
internal static class TinyDataSet
{
    public const int Side = 16;

    private static readonly string[] Concepts = ["blue circle", "red circle", "green heart", "red heart"];

    /// <summary>Writes and opens it.</summary>
    /// <param name="heldOut">(style, concept) pairs that are not for training.</param>
    public static DataSetReader Write(string folder, params (string Style, string Concept)[] heldOut)
    {
        DataSetItem[] items =
        [
            .. from style in (string[])["noto", "blob"]
               from concept in Concepts
               let split = heldOut.Contains((style, concept)) ? DataSetSplit.HeldOut : DataSetSplit.Training
               orderby split
               select new DataSetItem(style, concept, concept, concept, "symbols", [concept, $"{concept}, {style} style"], [$"{concept} on {Captions.Placeholder}"], split),
        ];
        Directory.CreateDirectory(folder);
        File.WriteAllLines(
            Path.Combine(folder, DataSetBuilder.ItemsFile), items.Select(item => JsonSerializer.Serialize(item, LabJson.Default.DataSetItem)));
        File.WriteAllBytes(Path.Combine(folder, DataSetBuilder.DrawingsFile), [.. items.SelectMany(Draw)]);
        var training = items.Count(item => item.Split == DataSetSplit.Training);
        var manifest = new DataSetManifest(DataSetManifest.CurrentSchema, Side, 0, items.Length, training, items.Length - training, [], [], [], "none");
        File.WriteAllText(Path.Combine(folder, DataSetBuilder.ManifestFile), JsonSerializer.Serialize(manifest, LabJson.Indented.DataSetManifest));
        return DataSetReader.Open(folder);
    }

    /// <summary>A filled circle, or a filled square for a heart; smaller in blob. Premultiplied (16, 16, 4).</summary>
    private static byte[] Draw(DataSetItem item)
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

using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Imagic.Diffusion.Packages;
using Imagic.Imaging;
using NetVips;

namespace Imagic.Lab.DataSet;

/// <summary>Writes a folder that a model can be trained from: drawings.bin, items.jsonl, sample.png, CREDITS.md and, when
/// all is there, manifest.json.</summary>
public static class DataSetBuilder
{
    public const string DrawingsFile = "drawings.bin", ItemsFile = "items.jsonl", SampleFile = "sample.png",
        CreditsFile = "CREDITS.md", ManifestFile = "manifest.json";

    /// <param name="packages">Where the sets are.</param>
    /// <param name="folder">Is made where it is not; files of these names are replaced.</param>
    /// <param name="progress">Gets (drawings done, drawings in all), from several threads.</param>
    /// <exception cref="NotSetUpException">A package is not there.</exception>
    /// <exception cref="DataSetException">A drawing cannot be rendered, or the tables do not fit the packages.</exception>
    public static Task<DataSetManifest> BuildAsync(
        NpmPackages packages, string folder, DataSetOptions options, IProgress<(int Done, int Of)>? progress, CancellationToken cancellationToken) =>
        BuildAsync(packages, NamePairs.HeldOut, folder, options, progress, cancellationToken);

    internal static async Task<DataSetManifest> BuildAsync(
        NpmPackages packages, IReadOnlyList<(string Style, string Concept)> heldOut, string folder, DataSetOptions options,
        IProgress<(int Done, int Of)>? progress, CancellationToken cancellationToken)
    {
        var names = packages.Find(EmojiCatalogue.Package);
        var sets = DrawingSets.Read(packages, EmojiCatalogue.Read(names), options.Styles);
        var plan = DataSetPlan.Create(sets, heldOut);
        Directory.CreateDirectory(folder);
        var manifestPath = Path.Combine(folder, ManifestFile);
        File.Delete(manifestPath); // while it is away the folder is not whole
        var drawingsPath = Path.Combine(folder, DrawingsFile);
        DrawAll(plan, drawingsPath, options, progress, cancellationToken);
        await File.WriteAllTextAsync(Path.Combine(folder, ItemsFile), Lines(plan.Drawings), cancellationToken);
        await File.WriteAllBytesAsync(
            Path.Combine(folder, SampleFile), SampleSheet.Draw(plan.Drawings, drawingsPath, options), cancellationToken);
        await File.WriteAllTextAsync(Path.Combine(folder, CreditsFile), Credits.Write(sets, names), cancellationToken);

        var files = new List<FileHash>();
        foreach (var name in (string[])[DrawingsFile, ItemsFile, SampleFile, CreditsFile])
        {
            var path = Path.Combine(folder, name);
            files.Add(new(name, new FileInfo(path).Length, await PackageHash.OfFileAsync(path, cancellationToken)));
        }

        var manifest = Describe(plan, sets, names, files, options);
        await File.WriteAllTextAsync(
            manifestPath, JsonSerializer.Serialize(manifest, LabJson.Indented.DataSetManifest) + "\n", cancellationToken);
        return manifest;
    }

    private static void DrawAll(
        DataSetPlan plan, string path, DataSetOptions options, IProgress<(int, int)>? progress, CancellationToken cancellationToken)
    {
        var length = options.Side * options.Side * 4L;
        var done = 0;
        using var file = File.OpenHandle(path, FileMode.Create, FileAccess.Write, preallocationSize: plan.Drawings.Count * length);
        try
        {
            Parallel.For(0, plan.Drawings.Count, new() { MaxDegreeOfParallelism = options.Threads, CancellationToken = cancellationToken }, index =>
            {
                RandomAccess.Write(file, Reduce(Render(plan.Drawings[index].Drawing, options.Side), options.Side), index * length);
                progress?.Report((Interlocked.Increment(ref done), plan.Drawings.Count));
            });
        }
        catch (AggregateException e) when (e.InnerExceptions is [DataSetException first, ..])
        {
            throw new DataSetException(first.Message, e);
        }
    }

    /// <summary>Premultiplied (side, side, 4): the drawing on black, and how much less a white background shines through.
    /// </summary>
    private static byte[] Reduce(Artwork artwork, int side)
    {
        var black = Lanczos.Resize(artwork.On(0, 0, 0), side, side).Pixels;
        var white = Lanczos.Resize(artwork.On(255, 255, 255), side, side).Pixels;
        var pixels = new byte[side * side * 4];
        for (int from = 0, to = 0; to < pixels.Length; from += 3, to += 4)
        {
            var through = 0;
            for (var channel = 0; channel < 3; channel++)
            {
                pixels[to + channel] = black[from + channel];
                through += white[from + channel] - black[from + channel];
            }
            pixels[to + 3] = (byte)Math.Clamp(255 - (through + 1) / 3, 0, 255);
        }
        return pixels;
    }

    private static Artwork Render(Drawing drawing, int side)
    {
        try
        {
            return drawing.Render(side);
        }
        catch (VipsException e)
        {
            throw new DataSetException($"'{drawing.Source}' of the style {drawing.Style} cannot be drawn. {e.Message}", e);
        }
    }

    private static string Lines(IEnumerable<PlannedDrawing> drawings)
    {
        var text = new StringBuilder();
        foreach (var drawing in drawings)
            text.Append(JsonSerializer.Serialize(drawing.Item, LabJson.Default.DataSetItem)).Append('\n');
        return text.ToString();
    }

    private static DataSetManifest Describe(
        DataSetPlan plan, IReadOnlyList<DrawingSet> sets, NpmPackage names, List<FileHash> files, DataSetOptions options)
    {
        var trainedFrom = files.Where(file => file.Name is DrawingsFile or ItemsFile);
        var all = string.Concat(trainedFrom.Select(file => string.Create(CultureInfo.InvariantCulture, $"{file.Sha256}  {file.Name}\n")));
        return new DataSetManifest(
            DataSetManifest.CurrentSchema, options.Side, options.Seed, plan.Drawings.Count, Count(DataSetSplit.Training), Count(DataSetSplit.HeldOut),
            [.. sets.Select(set => new StyleCount(
                set.Style.Name, set.Drawings.Count, Count(DataSetSplit.Training, set), Count(DataSetSplit.HeldOut, set), set.Unmapped))],
            [.. sets.Select(set => set.Package).Append(names).Select(package => new PackageVersion(package.Name, package.Version, package.Licence))],
            files, Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(all))));

        int Count(DataSetSplit split, DrawingSet? set = null) => plan.Drawings.Count(drawing =>
            drawing.Item.Split == split && (set is null || drawing.Item.Style == set.Style.Name));
    }
}

/// <summary>Who made what the data set is built from, as their licences ask.</summary>
internal static class Credits
{
    public static string Write(IReadOnlyList<DrawingSet> sets, NpmPackage names)
    {
        var text = new StringBuilder("# Credits\n\nThe pictures are renderings of these works, reduced and laid on plain colours.\n\n");
        text.Append("| style | work | licence | npm package |\n|---|---|---|---|\n");
        foreach (var set in sets)
            text.Append($"| {set.Style.Name} | {set.Style.Credit} | {set.Package.Licence} | {set.Package.Name} {set.Package.Version} |\n");
        text.Append($"\nNames and keywords are those of Unicode's CLDR, from the npm package {names.Name} {names.Version} ({names.Licence}).\n\n");
        text.Append("The texts of the licences: https://spdx.org/licenses/MIT.html, https://spdx.org/licenses/Apache-2.0.html, ");
        return text.Append("https://creativecommons.org/licenses/by/4.0/\n").ToString();
    }
}

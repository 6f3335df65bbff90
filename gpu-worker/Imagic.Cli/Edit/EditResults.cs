using System.Collections.Immutable;
using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using Imagic.Editing;
using Imagic.Imaging;

namespace Imagic.Cli.Edit;

/// <summary>Writes what a person looks at after an edit.</summary>
internal static class EditResults
{
    public const string SuggestedFile = "edited.png";
    public const string GridFile = "grid.png";
    public const string SourceFile = "source.png";
    public const string RecordFile = "edit.json";
    public const string ReportFile = "report.html";

    public static EditRecord Write(
        string folder, SourcePicture source, EditSettings settings, EditOutcome.Finished finished,
        EnvironmentRecord environment, ModelRecord model, TimeProvider clock)
    {
        var pictures = Directory.CreateDirectory(Path.Combine(folder, "pictures")).FullName;
        var sourcePng = Png(source.Working);
        File.WriteAllBytes(Path.Combine(folder, SourceFile), sourcePng);

        var files = ImmutableArray.CreateBuilder<PictureFile>();
        var pngs = new Dictionary<PictureKey, byte[]>();
        foreach (var (key, picture) in finished.Pictures)
        {
            var png = pngs[key] = Png(picture.ToImage());
            var suggested = key == new PictureKey(settings.Sample.Seeds[0], settings.Suggested);
            var name = string.Create(
                CultureInfo.InvariantCulture, $"seed{key.Seed}-eta{key.Strength.Eta:0.00##}-blend{key.Strength.Blend:0.00##}.png");
            File.WriteAllBytes(Path.Combine(pictures, name), png);
            if (suggested) File.WriteAllBytes(Path.Combine(folder, SuggestedFile), png);
            files.Add(new(
                $"pictures/{name}", key.Seed, key.Strength.Eta, key.Strength.Blend, suggested,
                Decibels(source.Working.Pixels, picture.Rgb), Convert.ToHexStringLower(SHA256.HashData(png))));
        }

        File.WriteAllBytes(Path.Combine(folder, GridFile), Png(EditGrid.Render(source.Working, settings, finished.Pictures)));
        var record = new EditRecord
        {
            Finished = clock.GetUtcNow(),
            Source = new(source.File, source.Sha256, source.Original.Width, source.Original.Height, source.Working.Width, source.Working.Height),
            Model = model,
            Environment = environment,
            Settings = settings,
            Stages =
            [
                .. finished.Seconds.Select(stage => new StageRecord(
                    stage.Key.Name(), stage.Value, [.. finished.Losses.GetValueOrDefault(stage.Key, [])])),
            ],
            Pictures = files.ToImmutable(),
        };
        File.WriteAllText(Path.Combine(folder, RecordFile), JsonSerializer.Serialize(record, EditJsonContext.Default.EditRecord));
        File.WriteAllText(Path.Combine(folder, ReportFile), EditReport.Html(record, sourcePng, pngs));
        return record;
    }

    /// <summary>Peak signal-to-noise ratio of 8-bit pixels; at most 99, which equal pictures get.</summary>
    private static double Decibels(ReadOnlySpan<byte> expected, ReadOnlySpan<byte> actual)
    {
        long sum = 0;
        for (var i = 0; i < expected.Length; i++)
        {
            var difference = expected[i] - actual[i];
            sum += difference * difference;
        }

        return sum == 0 ? 99 : Math.Round(10 * Math.Log10(255.0 * 255 * expected.Length / sum), 2);
    }

    private static byte[] Png(RgbImage image) => ImageCodec.Default.Encode(image, ImageFormat.Png);
}

using System.Collections.Immutable;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Imagic.Contracts.Results;
using Imagic.Editing;
using Imagic.Imaging;
using Imagic.Marks;
using Imagic.Marks.Watermark;
using static TorchSharp.torch;

namespace Imagic.Worker.Results;

/// <summary>What a person looks at after an edit.</summary>
/// <param name="Record">What <c>edit.json</c> says.</param>
/// <param name="Files">Contents by path below the results' folder.</param>
/// <param name="PicturesSha256">SHA-256 over the sizes and the hashes of the pixels of all pictures before they are marked, in the order of the plan.</param>
public sealed record ResultFiles(ResultRecord Record, IReadOnlyDictionary<string, byte[]> Files, string PicturesSha256)
{
    /// <summary>Names of the suggested pictures, one of each seed that there is, the best first; withheld ones are left out.</summary>
    public ImmutableArray<string> Suggested =>
        [.. Record.Pictures.Where(picture => picture is { Rank: > 0, Withheld: false }).OrderBy(picture => picture.Rank).Select(picture => picture.File)];

    /// <summary>Renders everything.</summary>
    /// <param name="source">The source picture.</param>
    /// <param name="settings">Settings of the edit.</param>
    /// <param name="finished">What came of it.</param>
    /// <param name="models">What computed it.</param>
    /// <param name="checkSafety">Whether the package's safety checker, if it has one, is asked.</param>
    /// <param name="marks">Marks the files of the pictures.</param>
    /// <param name="watermark">Marks the pixels of all but the source; null where an operator has turned it off.</param>
    /// <param name="time">Gives the date.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="EditException">The pictures cannot be right.</exception>
    public static async Task<ResultFiles> RenderAsync(
        SourceImage source, EditSettings settings, EditOutcome.Finished finished, LoadedModels models, bool checkSafety, PictureMarks marks, WatermarkWriter? watermark,
        TimeProvider time, CancellationToken cancellationToken)
    {
        var withheld = checkSafety ? SafetyCheck.Run(models, finished.Pictures) : new HashSet<ImageKey>();
        var files = new Dictionary<string, byte[]> { [ResultManifest.SourceFile] = marks.Resized(Png(source.Working), source.Credentials, ResultManifest.SourceFile) };
        var pictures = ImmutableArray.CreateBuilder<ImageFile>();
        var pngs = new Dictionary<ImageKey, byte[]>();
        var hashes = new StringBuilder();
        foreach (var edited in finished.Pictures)
        {
            var (key, picture) = edited;
            var carried = new PngText(
                PictureSettings.Keyword, PictureSettings.Of(settings, models.Package.Name, source.Size, key.Seed, key.Strength).ToJson());
            var isWithheld = withheld.Contains(key);
            var stem = ResultManifest.PictureStem(key.Seed, key.Strength);
            var name = $"{stem}.png";
            var png = Marked(Png(Watermarked(picture), carried), name, carried);
            if (!isWithheld)
            {
                files[name] = pngs[key] = png;
                if (edited.Small is { } small) files[$"{stem}-small.png"] = Marked(Png(Watermarked(small), carried), $"{stem}-small.png", carried);
                if (edited.Rank == 1) files[ResultManifest.SuggestedFile] = png;
            }

            // Unmarked, as the decibels are: the mark names the edit. A file also carries the model's name, and the same model may have several.
            var pixels = Sha256(picture.Pixels);
            hashes.Append(CultureInfo.InvariantCulture, $"{picture.Width}x{picture.Height} {pixels}\n");
            pictures.Add(new(
                name, key.Seed, key.Strength.Eta, key.Strength.Blend, edited.Rank,
                ResultCheck.Decibels(source.Working.Pixels, picture.Pixels), Sha256(png), pixels, isWithheld, edited.Found));
        }

        files[ResultManifest.GridFile] = Marked(Png(Watermarked(EditGrid.Render(source.Working, settings, finished.Pictures, withheld))), ResultManifest.GridFile);
        var record = new ResultRecord
        {
            Finished = time.GetUtcNow(),
            Source = new(source.File, source.Sha256, source.Original.Width, source.Original.Height, source.Working.Width, source.Working.Height),
            Model = new(models.Package.Name, await models.HashAsync(cancellationToken)),
            Environment = EnvironmentOf(models),
            Settings = settings,
            Stages =
            [
                .. finished.Seconds.Select(stage => new StageRecord(
                    stage.Key.Name(), stage.Value, [.. finished.Losses.GetValueOrDefault(stage.Key, [])])),
            ],
            Pictures = pictures.ToImmutable(),
            Notices =
            [
                .. source.Notices, .. SourceMarks.Notices(source), .. models.Package.Notices(), .. SafetyCheck.Notices(withheld, finished.Pictures.Count),
                .. SearchNotices.Of(settings, finished.Pictures),
                .. ResultCheck.Run(source.Working, finished.Pictures, () => models.Reconstruct(source.Working)),
            ],
        };
        files[ResultManifest.RecordFile] = JsonSerializer.SerializeToUtf8Bytes(record, ResultJsonContext.Default.ResultRecord);
        files[ResultManifest.ReportFile] = Encoding.UTF8.GetBytes(EditReport.Html(record, files[ResultManifest.SourceFile], pngs));
        return new(record, files, Sha256(Encoding.UTF8.GetBytes(hashes.ToString())));

        RgbImage Watermarked(RgbImage picture) => watermark?.Mark(picture) ?? picture;

        byte[] Marked(byte[] png, string title, PngText? carried = null) => marks.Edited(
            png, source.Credentials, title, models.Package.Name, carried is null ? null : Sha256(Encoding.UTF8.GetBytes(carried.Value)));
    }

    private static EnvironmentRecord EnvironmentOf(LoadedModels models) => new(
        typeof(ResultFiles).Assembly.GetName().Version!.ToString(3),
        __version__,
        System.Runtime.InteropServices.RuntimeInformation.FrameworkDescription,
        models.Device.ToString(),
        get_num_threads(),
        models.Dtype.ToString());

    private static string Sha256(byte[] bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));

    private static byte[] Png(RgbImage image, PngText? text = null) => ImageCodec.Encode(image, ImageFormat.Png, text: text);
}

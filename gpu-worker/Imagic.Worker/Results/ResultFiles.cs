using System.Collections.Immutable;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Imagic.Contracts.Results;
using Imagic.Editing;
using Imagic.Imaging;
using static TorchSharp.torch;

namespace Imagic.Worker.Results;

/// <summary>What a person looks at after an edit.</summary>
/// <param name="Record">What <c>edit.json</c> says.</param>
/// <param name="Files">Contents by path below the results' folder.</param>
/// <param name="PicturesSha256">SHA-256 over the hashes of all pictures, in the order of the plan.</param>
public sealed record ResultFiles(ResultRecord Record, IReadOnlyDictionary<string, byte[]> Files, string PicturesSha256)
{
    /// <summary>Renders everything.</summary>
    /// <param name="source">The source picture.</param>
    /// <param name="settings">Settings of the edit.</param>
    /// <param name="finished">What came of it.</param>
    /// <param name="models">What computed it.</param>
    /// <param name="checkSafety">Whether the package's safety checker, if it has one, is asked.</param>
    /// <param name="time">Gives the date.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="EditException">The pictures cannot be right.</exception>
    public static async Task<ResultFiles> RenderAsync(
        SourceImage source, EditSettings settings, EditOutcome.Finished finished, LoadedModels models, bool checkSafety, TimeProvider time,
        CancellationToken cancellationToken)
    {
        var withheld = checkSafety ? SafetyCheck.Run(models, finished.Pictures) : new HashSet<ImageKey>();
        var files = new Dictionary<string, byte[]> { [ResultManifest.SourceFile] = Png(source.Working) };
        var pictures = ImmutableArray.CreateBuilder<ImageFile>();
        var pngs = new Dictionary<ImageKey, byte[]>();
        var hashes = new StringBuilder();
        foreach (var edited in finished.Pictures)
        {
            var (key, picture) = edited;
            var png = Png(picture);
            var isWithheld = withheld.Contains(key);
            var suggested = key == new ImageKey(settings.Sample.Seeds[0], settings.Suggested);
            var stem = string.Create(
                CultureInfo.InvariantCulture, $"pictures/seed{key.Seed}-eta{key.Strength.Eta:0.00##}-blend{key.Strength.Blend:0.00##}");
            var name = $"{stem}.png";
            if (!isWithheld)
            {
                files[name] = pngs[key] = png;
                if (edited.Small is { } small) files[$"{stem}-small.png"] = Png(small);
                if (suggested) files[ResultManifest.SuggestedFile] = png;
            }

            var hash = Convert.ToHexStringLower(SHA256.HashData(png));
            hashes.Append(hash).Append('\n');
            pictures.Add(new(
                name, key.Seed, key.Strength.Eta, key.Strength.Blend, suggested,
                ResultCheck.Decibels(source.Working.Pixels, picture.Pixels), hash, isWithheld));
        }

        files[ResultManifest.GridFile] = Png(EditGrid.Render(source.Working, settings, finished.Pictures, withheld));
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
                .. source.Notices, .. models.Package.Notices(), .. SafetyCheck.Notices(withheld, finished.Pictures.Count),
                .. ResultCheck.Run(source.Working, finished.Pictures, () => models.Reconstruct(source.Working)),
            ],
        };
        files[ResultManifest.RecordFile] = JsonSerializer.SerializeToUtf8Bytes(record, ResultJsonContext.Default.ResultRecord);
        files[ResultManifest.ReportFile] = Encoding.UTF8.GetBytes(EditReport.Html(record, files[ResultManifest.SourceFile], pngs));
        return new(record, files, Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(hashes.ToString()))));
    }

    private static EnvironmentRecord EnvironmentOf(LoadedModels models) => new(
        typeof(ResultFiles).Assembly.GetName().Version!.ToString(3),
        __version__,
        System.Runtime.InteropServices.RuntimeInformation.FrameworkDescription,
        models.Device.ToString(),
        get_num_threads(),
        models.Dtype.ToString());

    private static byte[] Png(RgbImage image) => ImageCodec.Encode(image, ImageFormat.Png);
}

using System.Text.Json;
using Imagic.Contracts;
using Imagic.Contracts.Edits;
using Imagic.Contracts.Results;
using Imagic.Imaging;
using Imagic.Marks.Watermark;
using Imagic.Tests;

namespace Imagic.Cli.Tests.Verify;

public class VerifyCommandTests
{
    private static readonly EditId Id = EditId.Parse("some-edit");

    [Fact]
    public async Task Verify_TellsOfEachPictureWhatItCarries()
    {
        using var folder = new TemporaryFolder();
        var (plain, marked) = (Write(folder, "plain.png", Slopes()), Write(folder, "marked.png", new WatermarkWriter(Id).Mark(Slopes())));

        var told = await ImagicProcess.RunAsync("verify", plain, marked);
        var json = await ImagicProcess.RunAsync("verify", "--json", marked);

        Assert.Equal((0, 0), (told.ExitCode, json.ExitCode));
        Assert.Contains($"{plain}: Nothing was found. That is no proof", told.Output, StringComparison.Ordinal);
        Assert.Contains(Payload.Of(Id).EditText, told.Output, StringComparison.Ordinal);
        Assert.Equal(MarkLayer.Watermark, Assert.Single(JsonSerializer.Deserialize(json.Output, ContractsJsonContext.Default.MarksReport)!.Findings).Layer);
    }

    [Fact]
    public async Task Verify_OfWhatIsNoPicture_SaysWhichFile()
    {
        using var folder = new TemporaryFolder();
        var text = Path.Combine(folder.Path, "notes.txt");
        await File.WriteAllTextAsync(text, "not a picture", TestContext.Current.CancellationToken);

        foreach (var file in (string[])[text, Path.Combine(folder.Path, "missing.png")])
        {
            var end = await ImagicProcess.RunAsync("verify", file);
            Assert.Equal(2, end.ExitCode);
            Assert.Contains(file, end.Error, StringComparison.Ordinal);
        }
    }

    private static string Write(TemporaryFolder folder, string name, RgbImage picture)
    {
        var path = Path.Combine(folder.Path, name);
        File.WriteAllBytes(path, ImageCodec.Encode(picture, ImageFormat.Png));
        return path;
    }

    private static RgbImage Slopes()
    {
        var picture = RgbImage.Filled(300, 200, 0, 0, 0);
        for (var i = 0; i < picture.Pixels.Length; i++) picture.Pixels[i] = (byte)(60 + i / 3 % 300 * 120 / 300 + i % 7);
        return picture;
    }
}

using System.Net;
using System.Net.Http.Json;
using Imagic.Contracts;
using Imagic.Contracts.Edits;
using Imagic.Contracts.Results;
using Imagic.Imaging;
using Imagic.Marks.Watermark;
using Imagic.Tests;

namespace Imagic.Functions.Tests.Marks;

/// <summary>What is told of a picture that somebody sends, and which texts are refused.</summary>
public class VerifyTests(AzuriteFixture azurite)
{
    private static readonly EditId Id = EditId.Parse("some-edit");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Post_TellsTheLayersThatAreThere_AndNothingOfOthers()
    {
        await using var app = await FunctionApp.TakeAsync(azurite);
        var unmarked = Slopes(300, 200);
        var marked = new WatermarkWriter(Id).Mark(unmarked);

        var found = await ReadAsync(await PostAsync(app, ImageCodec.Encode(marked, ImageFormat.Jpeg, 80)));
        var finding = Assert.Single(found.Findings);
        Assert.Equal((MarkLayer.Watermark, MarkCertainty.Measured, true, Payload.Of(Id).EditText), (finding.Layer, finding.Certainty, finding.SaysAi, finding.Edit));
        Assert.Equal(("JPEG", 300, 200, true), (found.Format, found.Width, found.Height, found.FoundAi));
        Assert.InRange(finding.Chance!.Value, 0, 1e-4);

        var nothing = await ReadAsync(await PostAsync(app, ImageCodec.Encode(unmarked, ImageFormat.WebP)));
        Assert.Empty(nothing.Findings);
        Assert.StartsWith("Nothing was found. That is no proof", nothing.Summary, StringComparison.Ordinal);
        Assert.DoesNotContain("not AI", nothing.Summary, StringComparison.OrdinalIgnoreCase);
        await app.AssertNothingWrittenAsync();
    }

    [Fact]
    public async Task Post_OfWhatIsNoPicture_IsRefusedAsAnUploadIs()
    {
        await using var app = await FunctionApp.TakeAsync(azurite);

        await FunctionApp.AssertProblemAsync(await PostAsync(app, "not a picture"u8.ToArray()), 415, "not-an-image");
        await FunctionApp.AssertProblemAsync(await PostAsync(app, []), 415, "not-an-image");
        await FunctionApp.AssertProblemAsync(await PostAsync(app, ImageCodec.Encode(Slopes(1700, 100), ImageFormat.Png)), 413, "picture-too-large");
        await FunctionApp.AssertProblemAsync(await PostAsync(app, ImageCodec.Encode(Slopes(64, 64), ImageFormat.Png)[..^40]), 400, "damaged-picture");
    }

    [Fact]
    public async Task Start_OfATextThatTheOperatorRefuses_NamesTheRule()
    {
        await using var app = await FunctionApp.StartAsync(azurite, """ImagicUsePolicy={"weapons": "\\b(gun|rifle)s?\\b"}""");
        await app.UploadAsync("cat.png", ImageCodec.Encode(Slopes(64, 64), ImageFormat.Png));

        var problem = await FunctionApp.AssertProblemAsync(await app.PutAsync("one", """{"source":"cat.png","targetText":"a cat with a  GUN"}"""), 400, "refused-by-policy");

        Assert.Contains("'weapons'", (string?)problem["detail"], StringComparison.Ordinal);
        Assert.DoesNotContain("GUN", problem.ToJsonString(), StringComparison.Ordinal);
        await app.AssertNothingWrittenAsync();
        Assert.Equal(HttpStatusCode.Accepted, (await app.PutAsync("two", """{"source":"cat.png","targetText":"a cat with a gunboat"}""")).StatusCode);
    }

    private static async Task<HttpResponseMessage> PostAsync(FunctionApp app, byte[] picture) =>
        await app.Client.PostAsync("verify", new ByteArrayContent(picture), Token);

    private static async Task<MarksReport> ReadAsync(HttpResponseMessage response)
    {
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        return (await response.Content.ReadFromJsonAsync(ContractsJsonContext.Default.MarksReport, Token))!;
    }

    private static RgbImage Slopes(int width, int height)
    {
        var picture = RgbImage.Filled(width, height, 0, 0, 0);
        for (var i = 0; i < picture.Pixels.Length; i++) picture.Pixels[i] = (byte)(60 + i / 3 % width * 120 / width + i % 7);
        return picture;
    }
}

using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using Imagic.Contracts;
using Imagic.Contracts.Edits;
using Imagic.Contracts.Models;
using Imagic.Contracts.Settings;
using Imagic.Tests;

namespace Imagic.Functions.Tests.Edits;

public class StartEditTests(AzuriteFixture azurite)
{
    private const string Dog = """{"source":"cat.png","targetText":"a photo of a dog"}""";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Put_OfAnUploadedPicture_StartsTheEdit()
    {
        await using var app = await FunctionApp.StartAsync(azurite);
        await app.UploadAsync("shop/cat.png", Pictures.Cat);

        var response = await app.PutAsync("cat-1", """
            {"source":"shop/cat.png","targetText":"a dog","model":"emoji-64","settings":{"optimize":{"steps":7},"etas":[0.5],"scheduler":"euler"},
             "size":{"width":64,"height":64}}
            """);

        Assert.Equal(HttpStatusCode.Accepted, response.StatusCode);
        Assert.Equal("/api/edits/cat-1", response.Headers.Location?.OriginalString);
        Assert.Equal(TimeSpan.FromSeconds(2), response.Headers.RetryAfter?.Delta);
        var view = await FunctionApp.ViewAsync(response);
        Assert.Equal((EditState.Queued, EditStage.Optimize, 7), (view.State, view.Stage, view.Settings.Optimize.Steps));
        var record = await app.RecordAsync("cat-1");
        Assert.Equal(new EditSource("shop/cat.png", Pictures.Sha256(Pictures.Cat), Pictures.Cat.Length, "PNG", 256, 256), record.Source);
        Assert.Equal((SchedulerType.Euler, new WorkingSize(64, 64)), (record.Settings.Sample.Scheduler, record.Size));
        Assert.Equal(Pictures.Cat, (await app.Account.Edits.GetBlobClient("cat-1/source").DownloadContentAsync(Cancellation)).Value.Content.ToArray());
        var message = Assert.Single(await app.MessagesAsync());
        Assert.Equal((EditId.Parse("cat-1"), EditStage.Optimize), (message.EditId, message.Stage));
    }

    [Theory]
    [InlineData("image/png")]
    [InlineData("application/octet-stream")]
    [InlineData("IMAGE/PNG; a=b")]
    [InlineData("text/html")]
    [InlineData(null)]
    public async Task Put_OfAForm_StartsTheEdit(string? type)
    {
        await using var app = await FunctionApp.TakeAsync(azurite, "ImagicModels=emoji-64, sd15");
        using var form = Form(Pictures.Cat, @"C:\fakepath\Katze 1.png", type, ("targetText", "a dog"), ("model", "sd15"),
            ("settings", """{"seeds":[5]}"""), ("size", """{"width":128,"height":64}"""));

        var view = await FunctionApp.ViewAsync(await app.Client.PutAsync("edits/form-1", form, Cancellation));

        Assert.Equal(("sd15", "Katze 1.png", 5), (view.Model, view.Source.Name, view.Settings.Sample.Seeds.Single()));
        Assert.Equal("community", view.Settings.Profile);
        Assert.Equal(new(128, 64), (await app.RecordAsync("form-1")).Size);
        Assert.Equal(Pictures.Sha256(Pictures.Cat), (await app.SourceMetadataAsync("form-1"))["sha256"]);
        Assert.Single(await app.MessagesAsync());
    }

    [Fact]
    public async Task Put_WithoutAProfileForAPixelCascade_TakesThatOfCascades()
    {
        await using var app = await FunctionApp.StartAsync(azurite, "ImagicModels=if-xl");
        await app.UploadAsync("cat.png", Pictures.Cat);
        var zeros = new string('0', 64);
        var manifest = new ModelManifest { Name = "if-xl", Sha256 = zeros, Files = [new("stage_1/model_index.json", 1, zeros), new("stage_2/model_index.json", 1, zeros)] };
        await app.Account.Models.GetBlobClient(StoragePaths.ModelManifest("if-xl")).UploadAsync(
            BinaryData.FromBytes(JsonSerializer.SerializeToUtf8Bytes(manifest, ContractsJsonContext.Default.ModelManifest)), Cancellation);

        var view = await FunctionApp.ViewAsync(await app.PutAsync("cat-1", Dog));

        Assert.Equal(EditProfile.Cascade, view.Settings.Profile);
        Assert.NotNull(view.Settings.SuperResolution);
    }

    [Theory]
    [InlineData(1_000)]
    [InlineData(100_000)]
    [InlineData(3_000_000)]
    public async Task Put_OfATiff_FindsItsDirectoryWhereverItIs(int offset)
    {
        await using var app = await FunctionApp.StartAsync(azurite);
        var tiff = Pictures.TiffWithDirectoryBehind(offset);
        await app.UploadAsync("scan.tiff", tiff);
        using var form = Form(tiff, "scan.tiff", "image/tiff", ("targetText", "a dog"));

        await FunctionApp.ViewAsync(await app.PutAsync("uploaded", """{"source":"scan.tiff","targetText":"a dog"}"""));
        await FunctionApp.ViewAsync(await app.Client.PutAsync("edits/sent", form, Cancellation));

        var expected = new EditSource("scan.tiff", Pictures.Sha256(tiff), tiff.Length, "TIFF", 32, 24);
        Assert.Equal(expected, (await app.RecordAsync("uploaded")).Source);
        Assert.Equal(expected, (await app.RecordAsync("sent")).Source);
    }

    [Fact]
    public async Task Put_OfTheAddressOfAnUpload_TakesItsName()
    {
        await using var app = await FunctionApp.StartAsync(azurite);
        await app.UploadAsync("my cat ü.png", Pictures.Cat);
        var address = app.Account.Uploads.GetBlobClient("my cat ü.png").Uri.AbsoluteUri;

        var view = await FunctionApp.ViewAsync(await app.PutAsync("by-address", $$"""{"source":"{{address}}","targetText":"a dog"}"""));

        Assert.Equal("my cat ü.png", view.Source.Name);
    }

    [Fact]
    public async Task Put_Twice_GivesTheSameEdit()
    {
        await using var app = await FunctionApp.StartAsync(azurite);
        await app.UploadAsync("cat.png", Pictures.Cat);

        var first = await FunctionApp.ViewAsync(await app.PutAsync("cat-1", Dog));
        var again = await app.PutAsync("cat-1", Dog);

        Assert.Equal(HttpStatusCode.Accepted, again.StatusCode);
        Assert.Equal((first.Sequence, first.Created), (await FunctionApp.ViewAsync(again) is var view ? (view.Sequence, view.Created) : default));
        Assert.Single(await app.MessagesAsync());
    }

    [Fact]
    public async Task Put_OfOneEditByManyAtOnce_GivesOneEdit()
    {
        await using var app = await FunctionApp.StartAsync(azurite);
        await app.UploadAsync("cat.png", Pictures.Cat);

        var answers = await Task.WhenAll(Enumerable.Range(0, 12).Select(_ => app.PutAsync("cat-1", Dog)));

        Assert.All(answers, answer => Assert.Equal(HttpStatusCode.Accepted, answer.StatusCode));
        Assert.Single((await Task.WhenAll(answers.Select(FunctionApp.ViewAsync))).Select(view => view.Created).Distinct());
        Assert.Equal(["cat-1/edit.json", "cat-1/source"], await app.BlobsAsync());
        Assert.NotEmpty(await app.MessagesAsync());
    }

    [Theory]
    [InlineData("""{"source":"cat.png","targetText":"a photo of a hen"}""")]
    [InlineData("""{"source":"heart.png","targetText":"a photo of a dog"}""")]
    [InlineData("""{"source":"cat.png","targetText":"a photo of a dog","size":{"width":64,"height":64}}""")]
    [InlineData("""{"source":"cat.png","targetText":"a photo of a dog","settings":{"seed":4}}""")]
    public async Task Put_OfSomethingElseUnderTheSameId_IsAConflict(string other)
    {
        await using var app = await FunctionApp.StartAsync(azurite);
        await app.UploadAsync("cat.png", Pictures.Cat);
        await app.UploadAsync("heart.png", Pictures.Heart);
        await app.PutAsync("cat-1", Dog);
        var before = await app.RecordAsync("cat-1");

        await FunctionApp.AssertProblemAsync(await app.PutAsync("cat-1", other), 409, "edit-exists");

        Assert.Equal(before.Revision, (await app.RecordAsync("cat-1")).Revision);
        Assert.Equal(Pictures.Sha256(Pictures.Cat), (await app.SourceMetadataAsync("cat-1"))["sha256"]);
        Assert.Single(await app.MessagesAsync());
    }

    [Fact]
    public async Task Put_OfAnEditThatHasEnded_TellsItAsItIs()
    {
        await using var app = await FunctionApp.StartAsync(azurite);
        await app.UploadAsync("cat.png", Pictures.Cat);
        await app.PutAsync("cat-1", Dog);
        await app.Client.PostAsync("edits/cat-1/cancel", null, Cancellation);

        var response = await app.PutAsync("cat-1", Dog);

        Assert.Equal(EditState.Cancelled, (await FunctionApp.ViewAsync(response)).State);
        Assert.Null(response.Headers.RetryAfter);
    }

    [Fact]
    public async Task Post_WithoutAKey_MakesANewEditEachTime()
    {
        await using var app = await FunctionApp.StartAsync(azurite);
        await app.UploadAsync("cat.png", Pictures.Cat);

        var first = await FunctionApp.ViewAsync(await app.Client.PostAsync("edits", FunctionApp.JsonBody(Dog), Cancellation));
        var second = await FunctionApp.ViewAsync(await app.Client.PostAsync("edits", FunctionApp.JsonBody(Dog), Cancellation));

        Assert.NotEqual(first.EditId, second.EditId);
        Assert.Equal(2, (await app.MessagesAsync()).Length);
    }

    [Fact]
    public async Task Post_TwiceWithAKey_GivesTheSameEdit()
    {
        await using var app = await FunctionApp.StartAsync(azurite);
        await app.UploadAsync("cat.png", Pictures.Cat);

        var first = await FunctionApp.ViewAsync(await PostAsync(app, Dog, "order 4711"));
        var again = await FunctionApp.ViewAsync(await PostAsync(app, Dog, "order 4711"));
        var other = await FunctionApp.ViewAsync(await PostAsync(app, Dog, "order 4712"));

        Assert.Equal(first.EditId, again.EditId);
        Assert.NotEqual(first.EditId, other.EditId);
        await FunctionApp.AssertProblemAsync(
            await PostAsync(app, Dog.Replace("dog", "hen", StringComparison.Ordinal), "order 4711"), 409, "edit-exists");
    }

    [Fact]
    public async Task Post_WithAnEndlessKey_IsRefused()
    {
        await using var app = await FunctionApp.StartAsync(azurite);
        await app.UploadAsync("cat.png", Pictures.Cat);

        await FunctionApp.AssertProblemAsync(await PostAsync(app, Dog, new('k', 256)), 400, "invalid-idempotency-key");

        await app.AssertNothingWrittenAsync();
    }

    internal static MultipartFormDataContent Form(byte[] picture, string fileName, string? type, params (string Name, string Value)[] texts)
    {
        var file = new ByteArrayContent(picture);
        if (type is not null) file.Headers.ContentType = MediaTypeHeaderValue.Parse(type);
        var form = new MultipartFormDataContent { { file, "picture", fileName } };
        foreach (var (name, value) in texts) form.Add(new StringContent(value), name);
        return form;
    }

    private static async Task<HttpResponseMessage> PostAsync(FunctionApp app, string json, string key)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "edits") { Content = FunctionApp.JsonBody(json) };
        request.Headers.Add("Idempotency-Key", key);
        return await app.Client.SendAsync(request, Cancellation);
    }
}

using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Imagic.Contracts;
using Imagic.Contracts.Edits;
using Imagic.Contracts.Results;
using Imagic.Imaging;
using Imagic.Marks.Credentials;
using Imagic.Tests;

namespace Imagic.Functions.Tests.OpenAi;

public class ImageEditsTests(AzuriteFixture azurite)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("curl")]
    [InlineData("requests")]
    public async Task Create_OfRecordedBytes_AnswersThePictureOfEachSeed(string client)
    {
        await using var app = await FunctionApp.StartAsync(azurite);
        using var request = Recorded(client);

        var calling = app.Client.SendAsync(request, Token);
        var record = await FirstAsync(app);
        await app.SucceedAsync(record.EditId, Names(record));
        using var response = await calling;

        var answer = await JsonAsync(response, HttpStatusCode.OK);
        Assert.Equal(("a sitting dog", "dog.png", "emoji-64"), (record.Settings.TargetText, record.Source.Name, record.Model));
        Assert.Equal([1, 2], record.Settings.Sample.Seeds);
        Assert.Equal("png", (string?)answer["output_format"]);
        Assert.Equal([Pictures.Cat, Pictures.Cat], answer["data"]!.AsArray().Select(picture => Convert.FromBase64String((string)picture!["b64_json"]!)));
        Assert.Equal(new(app.Address, $"/api/edits/{record.EditId}"), response.Headers.Location);
    }

    [Theory]
    [InlineData("jpeg", ImageFormat.Jpeg)]
    [InlineData("webp", ImageFormat.WebP)]
    public async Task Create_OfAnotherFormat_ConvertsThePicture(string name, ImageFormat format)
    {
        await using var app = await FunctionApp.StartAsync(azurite);

        var calling = PostAsync(app, Form(("prompt", "a dog"), ("output_format", name), ("output_compression", "80")));
        var record = await FirstAsync(app);
        await app.SucceedAsync(record.EditId, Names(record));
        using var response = await calling;

        var answer = await JsonAsync(response, HttpStatusCode.OK);
        var header = ImageHeader.Read(Convert.FromBase64String((string)Assert.Single(answer["data"]!.AsArray())!["b64_json"]!));
        Assert.Equal((format, 256, 256, name), (header.Format, header.Width, header.Height, (string?)answer["output_format"]));
        // The picture is the parent of what was made of it; the stand-in for a result has no marks of its own.
        var marks = CredentialsReader.Read(Convert.FromBase64String((string)Assert.Single(answer["data"]!.AsArray())!["b64_json"]!));
        Assert.True(marks is { IsSignatureValid: true, IsHashValid: true, HasIngredient: true, Problems: [] });
        Assert.Equal(["c2pa.opened", "c2pa.transcoded"], marks.Actions.Select(action => action.Name));
    }

    [Fact]
    public async Task Create_ByUrl_AnswersAddressesThatLeadToThePictures()
    {
        await using var app = await FunctionApp.StartAsync(azurite);

        var calling = PostAsync(app, Form(("prompt", "a dog"), ("response_format", "url"), ("size", "128x64"), ("settings", """{"seeds":[7],"steps":9}""")));
        var record = await FirstAsync(app);
        await app.SucceedAsync(record.EditId, Names(record));
        using var response = await calling;

        var url = (string)Assert.Single((await JsonAsync(response, HttpStatusCode.OK))["data"]!.AsArray())!["url"]!;
        Assert.Equal((new(128, 64), 9), (record.Size, record.Settings.Sample.Steps));
        Assert.StartsWith($"{app.Address}api/edits/{record.EditId}/results/pictures/seed7-", url, StringComparison.Ordinal);
        using var picture = await app.Client.GetAsync(new Uri(url), Token);
        Assert.Equal(HttpStatusCode.Redirect, picture.StatusCode);
    }

    [Theory]
    [InlineData("mask", null, "mask")]
    [InlineData("background", "transparent", "background")]
    [InlineData("input_fidelity", "high", "input_fidelity")]
    [InlineData("quality", "high", "quality")]
    [InlineData("n", "11", "n")]
    [InlineData("n", "two", "n")]
    [InlineData("size", "big", "size")]
    [InlineData("size", "100x100", "size")]
    [InlineData("output_format", "gif", "output_format")]
    [InlineData("output_compression", "101", "output_compression")]
    [InlineData("partial_images", "4", "partial_images")]
    [InlineData("model", "gpt-image-1", "model")]
    [InlineData("image[]", null, "image")]
    [InlineData("temperature", "1", "temperature")]
    [InlineData("settings", """{"stepz":1}""", "stepz")]
    public async Task Create_OfWhatCannotBeDone_IsRefusedInTheirForm(string name, string? text, string parameter)
    {
        await using var app = await FunctionApp.StartAsync(azurite);
        using var form = Form(("prompt", "a dog"));
        if (text is null) form.Add(new ByteArrayContent(Pictures.Heart), name, "other.png");
        else form.Add(new StringContent(text), name);

        using var response = await PostAsync(app, form);

        var error = await ErrorAsync(response, HttpStatusCode.BadRequest, "invalid_request_error");
        Assert.Equal(parameter, (string?)error["param"]);
        await app.AssertNothingWrittenAsync();
    }

    [Fact]
    public async Task Create_OfNoPicture_OfNoForm_OrOfOneTooMany_IsRefusedInTheirForm()
    {
        await using var app = await FunctionApp.StartAsync(azurite, "ImagicMaxUnderWay=1");
        await app.CreateRecordAsync("other");
        using var none = new MultipartFormDataContent { { new StringContent("a dog"), "prompt" } };

        using var withoutPicture = await PostAsync(app, none);
        using var withoutPrompt = await PostAsync(app, Form());
        using var json = await PostAsync(app, FunctionApp.JsonBody("{}"));
        using var tooMany = await PostAsync(app, Form(("prompt", "a dog")));

        Assert.Equal("image", (string?)(await ErrorAsync(withoutPicture, HttpStatusCode.BadRequest, "invalid_request_error"))["param"]);
        Assert.Equal("prompt", (string?)(await ErrorAsync(withoutPrompt, HttpStatusCode.BadRequest, "invalid_request_error"))["param"]);
        await ErrorAsync(json, HttpStatusCode.UnsupportedMediaType, "invalid_request_error");
        Assert.Equal("too-many-edits", (string?)(await ErrorAsync(tooMany, HttpStatusCode.TooManyRequests, "rate_limit_error"))["code"]);
    }

    [Fact]
    public async Task Create_OfAnEditThatFails_SaysWhy()
    {
        await using var app = await FunctionApp.StartAsync(azurite);

        var calling = PostAsync(app, Form(("prompt", "a dog")));
        var record = await FirstAsync(app);
        await app.ChangeAsync(record.EditId.Value, now => now with { State = EditState.Failed, Error = new("diverged", "The loss is no number."), Ended = now.Created });
        using var response = await calling;

        var error = await ErrorAsync(response, HttpStatusCode.UnprocessableEntity, "invalid_request_error");
        Assert.Equal("diverged", (string?)error["code"]);
        Assert.Contains("The loss is no number.", (string?)error["message"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Create_OfALongEdit_NamesItsAddressAndIsWaitedForByTheSameKey()
    {
        await using var app = await FunctionApp.TakeAsync(azurite, "ImagicPatience=1");

        using var late = await PostAsync(app, Form(("prompt", "a dog")), "my-key");
        using var unnamed = await PostAsync(app, Form(("prompt", "a dog")));
        var id = EditId.Derive("key", "my-key");
        var record = await app.RecordAsync(id.Value);
        await app.SucceedAsync(id, Names(record));
        using var again = await PostAsync(app, Form(("prompt", "a dog")), "my-key");
        using var other = await PostAsync(app, Form(("prompt", "a cat")), "my-key");

        var error = await ErrorAsync(late, HttpStatusCode.GatewayTimeout, "server_error");
        var address = new Uri(app.Address, $"/api/edits/{id}");
        Assert.Equal(("edit-goes-on", address), ((string?)error["code"], late.Headers.Location));
        Assert.Contains(address.AbsoluteUri, (string?)error["message"], StringComparison.Ordinal);
        Assert.Equal(("true", "false"), (late.Headers.GetValues("x-should-retry").Single(), unnamed.Headers.GetValues("x-should-retry").Single()));
        await JsonAsync(again, HttpStatusCode.OK);
        Assert.Equal("edit-exists", (string?)(await ErrorAsync(other, HttpStatusCode.Conflict, "invalid_request_error"))["code"]);
        Assert.Equal("false", other.Headers.GetValues("x-should-retry").Single());
    }

    [Fact]
    public async Task Create_WhereTooManyWait_NamesTheEditThatHasStarted()
    {
        await using var app = await FunctionApp.StartAsync(azurite, "ImagicMaxWaits=1", "ImagicPatience=60");
        await app.CreateRecordAsync("other");
        using var events = await app.Client.GetAsync("edits/other/events", HttpCompletionOption.ResponseHeadersRead, Token);

        using var response = await PostAsync(app, Form(("prompt", "a dog")));
        using var streamed = await PostAsync(app, Form(("prompt", "a dog"), ("stream", "true")));

        Assert.Equal("too-many-waits", (string?)(await ErrorAsync(response, HttpStatusCode.ServiceUnavailable, "server_error"))["code"]);
        Assert.Equal("too-many-waits", (string?)(await ErrorAsync(streamed, HttpStatusCode.ServiceUnavailable, "server_error"))["code"]);
        Assert.Equal(HttpStatusCode.OK, (await app.Client.GetAsync(response.Headers.Location, Token)).StatusCode);
    }

    [Fact]
    public async Task Create_AsAStream_SendsPreviewsAndThenThePicture()
    {
        await using var app = await FunctionApp.StartAsync(azurite);

        var calling = PostAsync(app, Form(("prompt", "a dog"), ("stream", "true"), ("partial_images", "1")), completion: HttpCompletionOption.ResponseHeadersRead);
        var record = await FirstAsync(app);
        using var response = await calling;
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync(Token));
        await PreviewAsync(app, record, "previews/optimize-25.png");
        var partial = await EventAsync(reader);
        await PreviewAsync(app, record, "previews/optimize-50.png");
        await app.SucceedAsync(record.EditId, Names(record));
        var completed = await EventAsync(reader);

        Assert.Equal("text/event-stream", response.Content.Headers.ContentType?.MediaType);
        Assert.Equal(("image_edit.partial_image", 0, "256x256"), ((string?)partial["type"], (int?)partial["partial_image_index"], (string?)partial["size"]));
        Assert.Equal(Pictures.Heart, Convert.FromBase64String((string)partial["b64_json"]!));
        Assert.Equal("image_edit.completed", (string?)completed["type"]);
        Assert.Equal(Pictures.Cat, Convert.FromBase64String((string)completed["b64_json"]!));
        Assert.Equal("", (await reader.ReadToEndAsync(Token)).Trim('\n'));
    }

    [Fact]
    public async Task Create_AsAStreamOfALongEdit_EndsWithAnError()
    {
        await using var app = await FunctionApp.TakeAsync(azurite, "ImagicPatience=1");

        using var response = await PostAsync(app, Form(("prompt", "a dog"), ("stream", "true")));

        var text = await response.Content.ReadAsStringAsync(Token);
        Assert.Contains("event: error\n", text, StringComparison.Ordinal);
        Assert.Contains("\"code\":\"edit-goes-on\"", text, StringComparison.Ordinal);
        Assert.Contains(response.Headers.Location!.AbsoluteUri, text, StringComparison.Ordinal);
    }

    private static async Task PreviewAsync(FunctionApp app, EditRecord record, string name)
    {
        await app.Account.Edits.GetBlobClient($"{record.EditId}/{name}").UploadAsync(BinaryData.FromBytes(Pictures.Heart), Token);
        await app.ChangeAsync(record.EditId.Value, now => now with { State = EditState.Running, Progress = new(now.Stage, 25, 50) { Preview = name } });
    }

    private static async Task<JsonNode> EventAsync(StreamReader reader)
    {
        while (await reader.ReadLineAsync(Token) is { } line)
            if (line.StartsWith("data: ", StringComparison.Ordinal)) return JsonNode.Parse(line["data: ".Length..])!;
        throw new InvalidOperationException("The stream has ended.");
    }

    private static IEnumerable<string> Names(EditRecord record) =>
        record.Settings.Sample.Seeds.Select(seed => $"{ResultManifest.PictureStem(seed, record.Settings.Suggested)}.png");

    private static async Task<EditRecord> FirstAsync(FunctionApp app)
    {
        while (true)
        {
            await foreach (var entry in app.Index.ReadAllAsync(StoragePaths.EditsUnderWay, Token)) return await app.RecordAsync(entry.EditId.Value);
            await Task.Delay(20, Token);
        }
    }

    private static HttpRequestMessage Recorded(string client)
    {
        var bytes = File.ReadAllBytes(Path.Combine(RepositoryFiles.Root, "tests", "Imagic.Functions.Tests", "OpenAi", "Recorded", $"{client}.http"));
        var end = bytes.AsSpan().IndexOf("\r\n\r\n"u8);
        var content = new ByteArrayContent(bytes[(end + 4)..]);
        content.Headers.TryAddWithoutValidation("Content-Type", Encoding.ASCII.GetString(bytes[..end]).Split(": ", 2)[1]);
        return new(HttpMethod.Post, "/v1/images/edits") { Content = content };
    }

    private static MultipartFormDataContent Form(params (string Name, string Text)[] texts)
    {
        var form = new MultipartFormDataContent { { new ByteArrayContent(Pictures.Cat), "image", "cat.png" } };
        foreach (var (name, text) in texts) form.Add(new StringContent(text), name);
        return form;
    }

    private static async Task<HttpResponseMessage> PostAsync(
        FunctionApp app, HttpContent content, string? key = null, HttpCompletionOption completion = HttpCompletionOption.ResponseContentRead)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/images/edits") { Content = content };
        if (key is not null) request.Headers.Add("Idempotency-Key", key);
        return await app.Client.SendAsync(request, completion, Token);
    }

    private static async Task<JsonNode> JsonAsync(HttpResponseMessage response, HttpStatusCode status)
    {
        var text = await response.Content.ReadAsStringAsync(Token);
        Assert.True(status == response.StatusCode, $"{response.StatusCode}: {text}");
        Assert.Equal("application/json", response.Content.Headers.ContentType?.MediaType);
        return JsonNode.Parse(text)!;
    }

    private static async Task<JsonNode> ErrorAsync(HttpResponseMessage response, HttpStatusCode status, string type)
    {
        var error = (await JsonAsync(response, status))["error"]!;
        Assert.Equal(type, (string?)error["type"]);
        Assert.NotEmpty((string)error["message"]!);
        Assert.Equal(["code", "message", "param", "type"], error.AsObject().Select(member => member.Key).Order());
        return error;
    }
}

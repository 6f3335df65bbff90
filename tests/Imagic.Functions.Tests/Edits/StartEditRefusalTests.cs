using System.Net.Http.Headers;
using System.Text;
using Imagic.Tests;

namespace Imagic.Functions.Tests.Edits;

/// <summary>Everything that cannot be started: each names what is wrong, and leaves nothing behind.</summary>
public class StartEditRefusalTests(StartEditRefusalTests.OneApp one) : IClassFixture<StartEditRefusalTests.OneApp>
{
    private static readonly string Long = new('x', 1025);

    private FunctionApp App => one.App;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public static TheoryData<string, string, string?> BadJson => new()
    {
        { "", "invalid-json", "body" },
        { "null", "invalid-json", "body" },
        { "[]", "invalid-json", "body" },
        { "\"cat.png\"", "invalid-json", "body" },
        { """{"source":"cat.png","targetText":"a dog" """, "invalid-json", "body" },
        { """{"source":"cat.png","targetText":"a dog"} {}""", "invalid-json", "body" },
        { """{"source":"cat.png","targetText":"a dog","settings":{"guidance":NaN}}""", "invalid-json", "body" },
        { """{"source":"cat.png","targetText":"a dog","settings":{"guidance":Infinity}}""", "invalid-json", "body" },
        { """{"a":{"a":{"a":{"a":{"a":{"a":{"a":{"a":{"a":1}}}}}}}}}""", "invalid-json", "body" },
        { """{"source":"cat.png","targetText":"a dog","traget":"x"}""", "unknown-member", "traget" },
        { """{"source":"cat.png","targetText":"a dog","settings":{"optimize":{"step":3}}}""", "unknown-member", "settings.optimize.step" },
        { """{"source":"cat.png","targetText":"a dog","size":{"width":64,"height":64,"depth":3}}""", "unknown-member", "size.depth" },
        { """{"source":"cat.png","targetText":7}""", "invalid-member", "targetText" },
        { """{"source":["cat.png"],"targetText":"a dog"}""", "invalid-member", "source" },
        { """{"source":"cat.png","targetText":"\ud800"}""", "invalid-text", "targetText" },
        { """{"source":"cat\udc00.png","targetText":"a dog"}""", "invalid-text", "source" },
        { """{"source":"cat.png","targetText":"a dog","model":"a\ud83d"}""", "invalid-text", "model" },
        { """{"source":"cat.png","targetText":"a dog","settings":{"profile":"\ud800"}}""", "invalid-text", "profile" },
        { """{"source":"cat.png","targetText":"a dog","\ud800":1}""", "invalid-text", "targetText" },
        { """{"source":"tickets/cat.png","targetText":"a dog"}""", "source-not-found", "source" },
        { """{"source":"tickets/../uploads/cat.png","targetText":"a dog"}""", "invalid-source", "source" },
        { """{"source":"cat.png","targetText":"a dog","targetText":"a hen"}""", "invalid-member", "targetText" },
        { """{"source":"cat.png","targetText":"a dog","settings":{"steps":"50"}}""", "invalid-member", "settings.steps" },
        { """{"source":"cat.png","targetText":"a dog","settings":{"steps":1e99}}""", "invalid-member", "settings.steps" },
        { """{"source":"cat.png","targetText":"a dog","settings":{"etas":[0.5,"x"]}}""", "invalid-member", "settings.etas[1]" },
        { """{"source":"cat.png","targetText":"a dog","settings":{"scheduler":"best"}}""", "invalid-member", "settings.scheduler" },
        { """{"source":"cat.png","targetText":"a dog","settings":{"scheduler":99}}""", "invalid-setting", "scheduler" },
        { """{"source":"cat.png","targetText":"a dog","settings":{"guidance":1e999}}""", "invalid-setting", "guidance" },
        { """{"source":"cat.png","targetText":"a dog","settings":{"optimize":{"earlyStop":-1}}}""", "invalid-setting", "optimize early-stop improvement" },
        { $$$"""{"source":"cat.png","targetText":"a dog","settings":{"seeds":[{{{string.Join(',', Enumerable.Range(0, 9000))}}}]}}""", "invalid-setting", "seeds" },
        { $$$"""{"source":"cat.png","targetText":"a dog","settings":{"etas":[{{{string.Join(',', Enumerable.Repeat(1, 9000))}}}]}}""", "invalid-setting", "eta values" },
        { """{"source":"cat.png","targetText":"a dog","settings":{"profile":"best"}}""", "invalid-setting", "profile" },
        { """{"source":"cat.png","targetText":"a dog","size":{"width":60,"height":64}}""", "invalid-setting", "size" },
        { """{"source":"cat.png","targetText":"a dog","size":{}}""", "invalid-member", "size" },
        { """{"source":"cat.png","targetText":"a dog","size":{"width":136,"height":128}}""", "invalid-setting", "size" },
        { """{"source":"cat.png","targetText":"a dog","size":{"width":4096,"height":8}}""", "invalid-setting", "size" },
        { """{"source":"cat.png","targetText":"a dog","settings":{"optimize":{"steps":100000,"batch":256}}}""", "over-budget", "settings" },
        { """{"source":"cat.png","targetText":"a dog","settings":{"fineTune":{"steps":12801}}}""", "over-budget", "settings" },
        { """{"source":"cat.png","targetText":"a dog","settings":{"steps":1000}}""", "over-budget", "settings" },
        { """{"source":"cat.png","targetText":"a dog","size":{"width":128,"height":128},"settings":{"steps":200}}""", "over-budget", "settings" },
        { """{"source":"cat.png"}""", "invalid-setting", "target text" },
        { """{"source":"cat.png","targetText":" "}""", "invalid-setting", "target text" },
        { """{"source":"cat.png","targetText":"a\u0000dog"}""", "invalid-setting", "target text" },
        { $$"""{"source":"cat.png","targetText":"{{Long}}"}""", "invalid-setting", "target text" },
        { """{"source":"cat.png","targetText":"a dog","model":"sd15"}""", "unknown-model", "model" },
        { """{"targetText":"a dog"}""", "source-missing", "source" },
        { """{"source":"hen.png","targetText":"a dog"}""", "source-not-found", "source" },
        { """{"source":"","targetText":"a dog"}""", "invalid-source", "source" },
        { """{"source":"/cat.png","targetText":"a dog"}""", "invalid-source", "source" },
        { """{"source":"cat.png/","targetText":"a dog"}""", "invalid-source", "source" },
        { """{"source":"../edits/cat.png","targetText":"a dog"}""", "invalid-source", "source" },
        { """{"source":"a/../cat.png","targetText":"a dog"}""", "invalid-source", "source" },
        { """{"source":"a\\cat.png","targetText":"a dog"}""", "invalid-source", "source" },
        { """{"source":"cat\u0007.png","targetText":"a dog"}""", "invalid-source", "source" },
        { $$"""{"source":"{{Long}}","targetText":"a dog"}""", "invalid-source", "source" },
        { """{"source":"https://example.org/uploads/cat.png","targetText":"a dog"}""", "foreign-source", "source" },
        { """{"source":"http://169.254.169.254/metadata/identity","targetText":"a dog"}""", "foreign-source", "source" },
        { """{"source":"file:///etc/passwd","targetText":"a dog"}""", "foreign-source", "source" },
    };

    [Theory]
    [MemberData(nameof(BadJson))]
    public async Task Put_OfJsonThatCannotBeUsed_NamesTheMember(string json, string code, string? member)
    {
        var problem = await FunctionApp.AssertProblemAsync(await App.PutAsync("cat-1", json), 400, code);

        Assert.Equal(member, (string?)problem["member"]);
        await App.AssertNothingWrittenAsync();
    }

    [Theory]
    [InlineData("ab")]
    [InlineData("Cat-1")]
    [InlineData("-cat")]
    [InlineData("cat_1")]
    [InlineData("cat%2F1")]
    [InlineData("cat%0A")]
    [InlineData("%2e%2e%2f%2e%2e")]
    [InlineData("k%C3%A4tzchen")]
    public async Task Put_UnderNoId_IsRefused(string id)
    {
        var response = await App.PutAsync(id, """{"source":"cat.png","targetText":"a dog"}""");

        await FunctionApp.AssertProblemAsync(response, 400, "invalid-edit-id");
        await App.AssertNothingWrittenAsync();
    }

    [Theory]
    [InlineData("text/plain")]
    [InlineData("application/xml")]
    [InlineData("application/x-www-form-urlencoded")]
    [InlineData("multipart/mixed; boundary=x")]
    [InlineData(null)]
    public async Task Put_OfAnotherType_IsRefused(string? type)
    {
        using var body = new ByteArrayContent("""{"source":"cat.png","targetText":"a dog"}"""u8.ToArray());
        if (type is not null) body.Headers.ContentType = MediaTypeHeaderValue.Parse(type);

        await FunctionApp.AssertProblemAsync(await App.Client.PutAsync("edits/cat-1", body, Cancellation), 415, "unsupported-media-type");

        await App.AssertNothingWrittenAsync();
    }

    [Theory]
    [InlineData("application/json; charset=utf-7")]
    [InlineData("application/json; charset=utf-16")]
    [InlineData("application/json; charset=\"ISO-8859-1\"")]
    [InlineData("application/json; charset=nonsense")]
    [InlineData("multipart/form-data; boundary=x; charset=utf-7")]
    public async Task Put_OfTextDeclaredInAnotherEncoding_IsRefused(string type)
    {
        using var body = new ByteArrayContent("""{"source":"cat.png","targetText":"a dog"}"""u8.ToArray()) { Headers = { ContentType = MediaTypeHeaderValue.Parse(type) } };

        var problem = await FunctionApp.AssertProblemAsync(await App.Client.PutAsync("edits/cat-1", body, Cancellation), 415, "unsupported-charset");

        Assert.Equal("Content-Type", (string?)problem["member"]);
        await App.AssertNothingWrittenAsync();
    }

    [Theory]
    [InlineData("text/plain; charset=utf-7")]
    [InlineData("text/plain; charset=utf-16")]
    [InlineData("text/plain; charset=windows-1252")]
    [InlineData("text/plain; charset=nonsense")]
    public async Task Put_OfAFormWithATextDeclaredInAnotherEncoding_IsRefused(string type)
    {
        using var form = StartEditTests.Form(Pictures.Cat, "cat.png", "image/png");
        form.Add(new StringContent("a dog") { Headers = { ContentType = MediaTypeHeaderValue.Parse(type) } }, "targetText");

        var problem = await FunctionApp.AssertProblemAsync(await App.Client.PutAsync("edits/cat-1", form, Cancellation), 415, "unsupported-charset");

        Assert.Equal("targetText", (string?)problem["member"]);
        await App.AssertNothingWrittenAsync();
    }

    [Theory]
    [InlineData("form")]
    [InlineData("value")]
    [InlineData("name")]
    public async Task Put_OfBytesThatAreNoUtf8_NamesTheMember(string where)
    {
        byte[] latin1 = Encoding.Latin1.GetBytes("K\u00E4tzchen");
        using var form = StartEditTests.Form(Pictures.Cat, "cat.png", "image/png");
        form.Add(new ByteArrayContent(latin1), "targetText");
        using var json = new ByteArrayContent(where == "value"
            ? [.. "{\"source\":\"cat.png\",\"targetText\":\""u8, .. latin1, .. "\"}"u8]
            : [.. "{\"source\":\"cat.png\",\""u8, .. latin1, .. "\":1}"u8]) { Headers = { ContentType = new("application/json") } };

        var response = await App.Client.PutAsync("edits/cat-1", where == "form" ? form : json, Cancellation);

        var problem = await FunctionApp.AssertProblemAsync(response, 400, "invalid-text");
        Assert.Equal(where == "name" ? "source" : "targetText", (string?)problem["member"]);
        await App.AssertNothingWrittenAsync();
    }

    [Theory]
    [InlineData("filename=\"K\u00E4tzchen.png\"", "invalid-text")]
    [InlineData("filename=a.png; filename*=utf-8''%FF.png", "invalid-text")]
    [InlineData("filename=a.png; filename*=utf-7''a.png", "invalid-form")]
    public async Task Put_OfAFileNameThatIsNoUtf8_IsRefused(string fileName, string code)
    {
        using var body = new ByteArrayContent(Encoding.Latin1.GetBytes($"--x\r\nContent-Disposition: form-data; name=picture; {fileName}\r\n\r\nbytes\r\n--x--\r\n"));
        body.Headers.ContentType = MediaTypeHeaderValue.Parse("multipart/form-data; boundary=x");

        await FunctionApp.AssertProblemAsync(await App.Client.PutAsync("edits/cat-1", body, Cancellation), 400, code);

        await App.AssertNothingWrittenAsync();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Put_OfFiftyMegabytesOfJson_IsToldThatItIsTooLarge(bool hasLength)
    {
        using var body = FunctionApp.JsonBody($$"""{"source":"{{new string('x', 50_000_000)}}"}""");

        await FunctionApp.AssertProblemAsync(await SendAsync(body, hasLength, waits: false), 413, "body-too-large");
        await App.AssertNothingWrittenAsync();
    }

    [Fact]
    public async Task Put_OfALargePictureUnderNoId_IsToldSo()
    {
        using var form = StartEditTests.Form(Pictures.OfLength(60_000_000), "cat.png", "image/png", ("targetText", "a dog"));

        await FunctionApp.AssertProblemAsync(await App.Client.PutAsync("edits/No", form, Cancellation), 400, "invalid-edit-id");
    }

    [Theory]
    [InlineData("utf-8")]
    [InlineData("iso-8859-1")]
    public async Task Post_WithAKeyThatIsNotAscii_IsRefused(string encoding)
    {
        using var client = new HttpClient(new SocketsHttpHandler
        {
            RequestHeaderEncodingSelector = (_, _) => Encoding.GetEncoding(encoding),
        });
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(App.Client.BaseAddress!, "edits"))
        {
            Content = FunctionApp.JsonBody("""{"source":"cat.png","targetText":"a dog"}"""),
        };
        request.Headers.Add("Idempotency-Key", "Kätzchen");

        await FunctionApp.AssertProblemAsync(await client.SendAsync(request, Cancellation), 400, "invalid-idempotency-key");
        await App.AssertNothingWrittenAsync();
    }

    [Fact]
    public async Task Put_OfABodyThatComesTooSlowly_IsToldSo()
    {
        using var caller = new System.Net.Sockets.TcpClient();
        await caller.ConnectAsync(App.Address.Host, App.Address.Port, Cancellation);
        var stream = caller.GetStream();
        await stream.WriteAsync(Encoding.ASCII.GetBytes(
            $"PUT /api/edits/cat-1 HTTP/1.1\r\nHost: {App.Address.Authority}\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n"), Cancellation);
        using var reader = new StreamReader(stream);

        var status = await reader.ReadLineAsync(Cancellation);

        Assert.Equal("HTTP/1.1 408 Request Timeout", status);
        Assert.Contains("request-timeout", await reader.ReadToEndAsync(Cancellation), StringComparison.Ordinal);
        await App.AssertNothingWrittenAsync();
    }

    [Fact]
    public async Task Put_OfBytesThatAreNotText_IsNoJson()
    {
        using var body = new ByteArrayContent(Pictures.Cat);
        body.Headers.ContentType = new("application/json");

        await FunctionApp.AssertProblemAsync(await App.Client.PutAsync("edits/cat-1", body, Cancellation), 400, "invalid-json");

        await App.AssertNothingWrittenAsync();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Put_OfEndlessJson_IsTooLarge(bool hasLength)
    {
        using var body = FunctionApp.JsonBody($$"""{"source":"{{new string('x', 70_000)}}"}""");

        var response = await SendAsync(body, hasLength, waits: false);

        await FunctionApp.AssertProblemAsync(response, 413, "body-too-large");
        await App.AssertNothingWrittenAsync();
    }

    public static TheoryData<string, int, string> BadPictures => new()
    {
        { "empty", 415, "not-an-image" },
        { "text", 415, "not-an-image" },
        { "svg", 415, "unsupported-format" },
        { "pdf", 415, "unsupported-format" },
        { "cut off", 400, "damaged-picture" },
        { "gigapixel", 413, "picture-too-large" },
        { "strip", 413, "picture-too-large" },
    };

    private static byte[] BadPicture(string which) => which switch
    {
        "empty" => [],
        "text" => "This is a dog."u8.ToArray(),
        "svg" => "<svg xmlns=\"http://www.w3.org/2000/svg\"/>"u8.ToArray(),
        "pdf" => "%PDF-1.7"u8.ToArray(),
        "cut off" => Pictures.Cat[..20],
        "gigapixel" => Pictures.PngOfSize(32_000, 32_000),
        _ => Pictures.PngOfSize(4000, 2),
    };

    [Theory]
    [MemberData(nameof(BadPictures))]
    public async Task Put_OfAFormWithWhatIsNoPicture_IsRefused(string which, int status, string code)
    {
        using var form = StartEditTests.Form(BadPicture(which), "cat.png", "image/png", ("targetText", "a dog"));

        var problem = await FunctionApp.AssertProblemAsync(await App.Client.PutAsync("edits/cat-1", form, Cancellation), status, code);

        Assert.Equal("picture", (string?)problem["member"]);
        await App.AssertNothingWrittenAsync();
    }

    [Theory]
    [MemberData(nameof(BadPictures))]
    public async Task Put_OfAnUploadThatIsNoPicture_IsRefused(string which, int status, string code)
    {
        await App.UploadAsync($"{which}.png", BadPicture(which));

        await FunctionApp.AssertProblemAsync(await App.PutAsync("cat-1", $$"""{"source":"{{which}}.png","targetText":"a dog"}"""), status, code);

        await App.AssertNothingWrittenAsync();
    }

    [Fact]
    public async Task Put_OfAnUploadBeyondTheLimit_IsTooLarge()
    {
        await App.UploadAsync("large.png", Pictures.OfLength((64 * 1024 * 1024) + 1));

        await FunctionApp.AssertProblemAsync(
            await App.PutAsync("cat-1", """{"source":"large.png","targetText":"a dog"}"""), 413, "picture-too-large");

        await App.AssertNothingWrittenAsync();
    }

    [Theory]
    [InlineData(100_000_000, true, false)]
    [InlineData(100_000_000, false, false)]
    [InlineData((64 * 1024 * 1024) + 1, true, false)]
    [InlineData(100_000_000, true, true)]
    public async Task Put_OfAFormBeyondTheLimit_IsTooLarge(int bytes, bool hasLength, bool waits)
    {
        using var form = StartEditTests.Form(Pictures.OfLength(bytes), "cat.png", "image/png", ("targetText", "a dog"));

        var response = await SendAsync(form, hasLength, waits);

        await FunctionApp.AssertProblemAsync(response, 413, "picture-too-large");
        await App.AssertNothingWrittenAsync();
    }

    public static TheoryData<string, string, string?> BadForms => new()
    {
        { "no picture", "picture-missing", "picture" },
        { "no file name", "picture-missing", "picture" },
        { "unknown part", "unknown-part", "traget" },
        { "unknown file", "unknown-part", "mask" },
        { "text twice", "repeated-part", "targetText" },
        { "picture twice", "repeated-part", "picture" },
        { "text as file", "invalid-part", "model" },
        { "bad settings", "unknown-member", "etaz" },
        { "bad size", "invalid-json", "size" },
        { "no text", "invalid-setting", "target text" },
        { "many parts", "unknown-part", "part0" },

    };

    [Theory]
    [MemberData(nameof(BadForms))]
    public async Task Put_OfAFormThatCannotBeUsed_NamesThePart(string which, string code, string? member)
    {
        using var form = new MultipartFormDataContent();
        if (which is not ("no picture" or "no file name")) form.Add(new ByteArrayContent(Pictures.Cat), "picture", "cat.png");
        if (which != "no text") form.Add(new StringContent("a dog"), "targetText");
        switch (which)
        {
            case "no file name": form.Add(new ByteArrayContent(Pictures.Cat), "picture"); break;
            case "unknown part": form.Add(new StringContent("a dog"), "traget"); break;
            case "unknown file": form.Add(new ByteArrayContent(Pictures.Cat), "mask", "mask.png"); break;
            case "text twice": form.Add(new StringContent("a hen"), "targetText"); break;
            case "picture twice": form.Add(new ByteArrayContent(Pictures.Cat), "picture", "cat.png"); break;
            case "text as file": form.Add(new StringContent("emoji-64"), "model", "model.txt"); break;
            case "bad settings": form.Add(new StringContent("""{"etaz":[1]}"""), "settings"); break;
            case "bad size": form.Add(new StringContent("64x64"), "size"); break;
            case "many parts": for (var i = 0; i < 100; i++) form.Add(new StringContent("a"), $"part{i}"); break;
        }

        var problem = await FunctionApp.AssertProblemAsync(await App.Client.PutAsync("edits/cat-1", form, Cancellation), 400, code);

        Assert.Equal(member, (string?)problem["member"]);
        await App.AssertNothingWrittenAsync();
    }

    [Theory]
    [InlineData("multipart/form-data", "--x--\r\n")]
    [InlineData("multipart/form-data; boundary=x", "no parts at all")]
    [InlineData("multipart/form-data; boundary=x", "--x\r\nContent-Disposition: form-data; name=\"picture\"; filename=\"a\"\r\n\r\nbytes that break off")]
    public async Task Put_OfABrokenForm_IsRefused(string type, string text)
    {
        using var body = new ByteArrayContent(Encoding.ASCII.GetBytes(text));
        body.Headers.ContentType = MediaTypeHeaderValue.Parse(type);

        await FunctionApp.AssertProblemAsync(await App.Client.PutAsync("edits/cat-1", body, Cancellation), 400, "invalid-form");

        await App.AssertNothingWrittenAsync();
    }

    private async Task<HttpResponseMessage> SendAsync(HttpContent body, bool hasLength, bool waits)
    {
        using var request = new HttpRequestMessage(HttpMethod.Put, "edits/cat-1") { Content = body };
        request.Headers.TransferEncodingChunked = !hasLength;
        request.Headers.ExpectContinue = waits; // with the body, until the server wants it
        return await App.Client.SendAsync(request, Cancellation);
    }

    /// <summary>Nothing is ever written, so one account does for all.</summary>
    public sealed class OneApp(AzuriteFixture azurite) : IAsyncLifetime
    {
        internal FunctionApp App { get; private set; } = null!;

        public async ValueTask InitializeAsync()
        {
            App = await FunctionApp.StartAsync(azurite);
            await App.UploadAsync("cat.png", Pictures.Cat);
        }

        public ValueTask DisposeAsync() => App.DisposeAsync();
    }
}

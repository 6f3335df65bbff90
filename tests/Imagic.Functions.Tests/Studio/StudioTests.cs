using System.IO.Compression;
using System.Net;
using System.Text.RegularExpressions;
using Imagic.Tests;

namespace Imagic.Functions.Tests.Studio;

/// <summary>The page as the host passes it on.</summary>
public partial class StudioTests(AzuriteFixture azurite)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Page_IsAtTheRootAndAskedForAnewEachTime()
    {
        await using var app = await FunctionApp.StartAsync(azurite);

        var page = await SendAsync(app, "/");
        var tag = page.Headers.ETag;
        var unchanged = await SendAsync(app, "/", ("If-None-Match", $"{tag}"));
        var changed = await SendAsync(app, "/", ("If-None-Match", "W/\"another\""));

        Assert.Equal((HttpStatusCode.OK, "text/html", "no-cache"), (page.StatusCode, page.Content.Headers.ContentType?.MediaType, page.Headers.CacheControl?.ToString()));
        Assert.Contains("<div id=\"app\">", await page.Content.ReadAsStringAsync(Cancellation), StringComparison.Ordinal);
        Assert.Equal((HttpStatusCode.NotModified, tag), (unchanged.StatusCode, unchanged.Headers.ETag));
        Assert.Equal(HttpStatusCode.OK, changed.StatusCode);
    }

    [Fact]
    public async Task Page_MayReachThisServiceAndItsStorageOnly()
    {
        await using var app = await FunctionApp.StartAsync(azurite);

        var headers = (await SendAsync(app, "/")).Headers;

        var storage = app.Account.Blobs.Uri.GetLeftPart(UriPartial.Authority);
        Assert.Equal(
            $"default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data: {storage}; connect-src 'self' {storage}; "
            + "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
            headers.GetValues("Content-Security-Policy").Single());
        Assert.Equal("nosniff", headers.GetValues("X-Content-Type-Options").Single());
        Assert.Equal("no-referrer", headers.GetValues("Referrer-Policy").Single());
        Assert.Contains("camera=()", headers.GetValues("Permissions-Policy").Single(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task EveryFileThatThePageNames_IsThereAndKeptForEver()
    {
        await using var app = await FunctionApp.StartAsync(azurite);
        var page = await (await SendAsync(app, "/")).Content.ReadAsStringAsync(Cancellation);
        var names = Named().Matches(page).Select(match => match.Groups["name"].Value).ToList();

        Assert.Contains(names, name => name.EndsWith(".js", StringComparison.Ordinal));
        Assert.Contains(names, name => name.EndsWith(".css", StringComparison.Ordinal));
        foreach (var name in names)
        {
            var file = await SendAsync(app, name);
            Assert.Equal(HttpStatusCode.OK, file.StatusCode);
            Assert.Equal(Path.GetExtension(name) switch { ".js" => "text/javascript", ".css" => "text/css", _ => "image/svg+xml" }, file.Content.Headers.ContentType?.MediaType);
            Assert.Equal("nosniff", file.Headers.GetValues("X-Content-Type-Options").Single());
            Assert.Equal(name.StartsWith("/studio/assets/", StringComparison.Ordinal) ? "public, max-age=31536000, immutable" : "no-cache", $"{file.Headers.CacheControl}");
        }
    }

    [Theory]
    [InlineData("gzip, deflate, br, zstd", true)]
    [InlineData("BR;q=0.5", true)]
    [InlineData("gzip", false)]
    [InlineData("br;q=0", false)]
    public async Task File_IsCompressedForWhoTakesIt(string accepted, bool isCompressed)
    {
        await using var app = await FunctionApp.StartAsync(azurite);
        var plain = await (await SendAsync(app, "/")).Content.ReadAsByteArrayAsync(Cancellation);

        var page = await SendAsync(app, "/", ("Accept-Encoding", accepted));
        var head = await SendAsync(app, "/", HttpMethod.Head, ("Accept-Encoding", accepted));

        var content = await page.Content.ReadAsByteArrayAsync(Cancellation);
        Assert.Equal(isCompressed ? ["br"] : [], page.Content.Headers.ContentEncoding);
        Assert.Equal("Accept-Encoding", $"{page.Headers.GetValues("Vary").Single()}");
        using var unpacked = new MemoryStream();
        using (var stream = isCompressed ? new BrotliStream(new MemoryStream(content), CompressionMode.Decompress) : (Stream)new MemoryStream(content)) await stream.CopyToAsync(unpacked, Cancellation);
        Assert.Equal(plain, unpacked.ToArray());
        Assert.Equal((content.Length, 0), (head.Content.Headers.ContentLength, (await head.Content.ReadAsByteArrayAsync(Cancellation)).Length));
        Assert.Equal(page.Headers.ETag, head.Headers.ETag);
    }

    [Theory]
    [InlineData("/studio/no-such-file.js")]
    [InlineData("/studio/")]
    [InlineData("/studio/assets")]
    [InlineData("/studio/../host.json")]
    [InlineData("/studio/..%2Fhost.json")]
    [InlineData("/studio/%2E%2E/host.json")]
    [InlineData("/studio/..%5Chost.json")]
    [InlineData("/studio//etc/passwd")]
    [InlineData("/studio/%2Fetc%2Fpasswd")]
    [InlineData("/studio/index.html%00.js")]
    public async Task AnyOtherName_IsNotFound(string target)
    {
        await using var app = await FunctionApp.StartAsync(azurite);

        var answer = await SendAsync(app, target);

        // What is above the folder once the address is resolved belongs to no function; the server itself refuses what is no address.
        Assert.Contains(answer.StatusCode, new[] { HttpStatusCode.NotFound, HttpStatusCode.BadRequest });
        if (answer.Content.Headers.ContentType?.MediaType == "application/problem+json") await FunctionApp.AssertProblemAsync(answer, 404, "file-not-found");
        else Assert.Empty(await answer.Content.ReadAsByteArrayAsync(Cancellation));
    }

    [Theory]
    [InlineData("POST")]
    [InlineData("PUT")]
    [InlineData("DELETE")]
    public async Task Page_IsOnlyRead(string method)
    {
        await using var app = await FunctionApp.StartAsync(azurite);

        Assert.Equal(HttpStatusCode.NotFound, (await SendAsync(app, "/", new HttpMethod(method))).StatusCode);
    }

    private static Task<HttpResponseMessage> SendAsync(FunctionApp app, string target, params (string Name, string Value)[] headers) => SendAsync(app, target, HttpMethod.Get, headers);

    private static Task<HttpResponseMessage> SendAsync(FunctionApp app, string target, HttpMethod method, params (string Name, string Value)[] headers)
    {
        // As it stands: resolving ".." is for whoever answers.
        var address = new Uri(app.Address.GetLeftPart(UriPartial.Authority) + target, new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true });
        var request = new HttpRequestMessage(method, address);
        foreach (var (name, value) in headers) request.Headers.TryAddWithoutValidation(name, value);
        return app.Client.SendAsync(request, Cancellation);
    }

    [GeneratedRegex("(src|href)=\"(?<name>/[^\"]+)\"", RegexOptions.ExplicitCapture)]
    private static partial Regex Named();
}

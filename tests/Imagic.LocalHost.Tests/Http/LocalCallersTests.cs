using System.Net;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;

namespace Imagic.LocalHost.Tests.Http;

/// <summary>What a page in a browser on this machine may have it do.</summary>
public sealed class LocalCallersTests(ProxyHost host) : IClassFixture<ProxyHost>
{
    private readonly TestApp _app = host.App;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("127.0.0.1:7071")]
    [InlineData("localhost")]
    [InlineData("LOCALHOST:80")]
    [InlineData("[::1]:7071")]
    public async Task Request_ToThisMachine_IsTaken(string name) =>
        Assert.Equal(HttpStatusCode.OK, (await SendAsync(HttpMethod.Put, ("Host", name))).StatusCode);

    [Theory]
    [InlineData("example.org")]
    [InlineData("example.org:7071")]
    [InlineData("localhost.example.org")]
    [InlineData("127.0.0.1.example.org")]
    [InlineData("10.0.0.1")]
    [InlineData("0.0.0.0")]
    public async Task Request_ToAnyOtherName_IsMisdirected(string name)
    {
        foreach (var method in new[] { HttpMethod.Get, HttpMethod.Put })
            await AssertProblemAsync(await SendAsync(method, ("Host", name)), HttpStatusCode.MisdirectedRequest, "foreign-host");
    }

    [Fact]
    public async Task Request_WithoutAHost_IsRefused()
    {
        using var caller = new TcpClient();
        await caller.ConnectAsync("127.0.0.1", _app.Client.BaseAddress!.Port, Token);
        await caller.GetStream().WriteAsync("GET /api/echo/a HTTP/1.0\r\n\r\n"u8.ToArray(), Token);
        using var reader = new StreamReader(caller.GetStream(), Encoding.ASCII);

        Assert.Contains(" 421 ", await reader.ReadLineAsync(Token), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Origin", "https://example.org")]
    [InlineData("Origin", "http://127.0.0.1:1")]
    [InlineData("Origin", "null")]
    [InlineData("Sec-Fetch-Site", "cross-site")]
    [InlineData("Sec-Fetch-Site", "same-site")]
    public async Task Request_OfAnotherSitesPage_MayReadButChangeNothing(string header, string value)
    {
        foreach (var method in new[] { "POST", "PUT", "PATCH", "DELETE", "OPTIONS" })
            await AssertProblemAsync(await SendAsync(new(method), (header, value)), HttpStatusCode.Forbidden, "cross-site");
        Assert.Equal(HttpStatusCode.OK, (await SendAsync(HttpMethod.Get, (header, value))).StatusCode);
    }

    [Fact]
    public async Task Request_OfAnOwnPage_IsTaken() => Assert.Equal(
        HttpStatusCode.OK,
        (await SendAsync(HttpMethod.Post, ("Origin", _app.Client.BaseAddress!.GetLeftPart(UriPartial.Authority)), ("Sec-Fetch-Site", "same-origin"))).StatusCode);

    [Fact]
    public async Task Request_WithBytesInAHeaderThatAreNotAscii_IsPassedOn()
    {
        using var client = new HttpClient(new SocketsHttpHandler { RequestHeaderEncodingSelector = (_, _) => Encoding.UTF8 }) { BaseAddress = _app.Client.BaseAddress };
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/echo/a") { Headers = { { "User-Agent", "(Kätzchen)" } } };

        var echo = await (await client.SendAsync(request, Token)).Content.ReadFromJsonAsync<Dictionary<string, string>>(Token);

        Assert.Equal("(Kätzchen)", echo!["agent"]);
    }

    private async Task<HttpResponseMessage> SendAsync(HttpMethod method, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(method, "/api/echo/a");
        foreach (var (name, value) in headers) request.Headers.TryAddWithoutValidation(name, value);
        return await _app.Client.SendAsync(request, Token);
    }

    private static async Task AssertProblemAsync(HttpResponseMessage response, HttpStatusCode status, string code)
    {
        Assert.Equal((status, "application/problem+json"), (response.StatusCode, response.Content.Headers.ContentType?.MediaType));
        Assert.Equal(code, (string?)JsonNode.Parse(await response.Content.ReadAsStringAsync(Token))!["code"]);
    }
}

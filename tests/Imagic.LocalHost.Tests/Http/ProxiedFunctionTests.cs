using System.Net;
using System.Net.Http.Json;
using System.Security.Cryptography;
using Imagic.LocalHost.Http;
using Imagic.Tests;

namespace Imagic.LocalHost.Tests.Http;

/// <summary>One host for all tests of proxied functions.</summary>
public sealed class ProxyHost(AzuriteFixture azurite) : IAsyncLifetime
{
    internal TestApp App { get; } = new(azurite);

    public async ValueTask InitializeAsync() => await App.StartAsync();

    public ValueTask DisposeAsync() => App.DisposeAsync();
}

public sealed class ProxiedFunctionTests(ProxyHost host) : IClassFixture<ProxyHost>
{
    private const int TwentyMegabytes = 20 * 1024 * 1024;

    private readonly TestApp _app = host.App;

    [Fact]
    public async Task Request_Proxied_KeepsMethodPathQueryAndHeaders()
    {
        using var request = new HttpRequestMessage(HttpMethod.Patch, "/api/echo/a%20b/c%2Fd?x=1&x=2&y=%C3%A9");
        request.Headers.UserAgent.ParseAdd("tests/1");

        var echo = await EchoAsync(request);

        Assert.Equal("PATCH", echo["method"]);
        Assert.Equal("/api/echo/a%20b/c%2Fd?x=1&x=2&y=%C3%A9", echo["target"]);
        Assert.Equal(_app.Client.BaseAddress!.Authority, echo["host"]);
        Assert.Equal("tests/1", echo["agent"]);
        Assert.True(Guid.TryParseExact(echo["invocation"], "D", out _));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Request_WithLargeBody_ArrivesWhole(bool chunked)
    {
        var bytes = RandomNumberGenerator.GetBytes(TwentyMegabytes);
        using var request = new HttpRequestMessage(HttpMethod.Put, "/api/echo/large") { Content = new ByteArrayContent(bytes) };
        if (chunked) request.Headers.TransferEncodingChunked = true;

        var echo = await EchoAsync(request);

        Assert.Equal($"{TwentyMegabytes}", echo["length"]);
        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(bytes)), echo["sha256"]);
        Assert.Equal(chunked ? "chunked" : "", echo["chunked"]);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Request_WithBodyOverTheLimit_Is413(bool chunked)
    {
        using var request = new HttpRequestMessage(HttpMethod.Put, "/api/echo/large");
        request.Content = new StreamContent(new EndlessStream(HttpFrontEnd.MaxRequestBytes + 1));
        if (chunked)
        {
            request.Headers.TransferEncodingChunked = true;
        }
        else
        {
            request.Content.Headers.ContentLength = HttpFrontEnd.MaxRequestBytes + 1;
            request.Headers.ExpectContinue = true;
        }

        using var response = await _app.Client.SendAsync(request, TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, response.StatusCode);
    }

    [Fact]
    public async Task Response_WrittenInParts_StreamsThrough()
    {
        using var response = await _app.Client.GetAsync(
            "/api/drip", HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken);
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync(TestContext.Current.CancellationToken));
        var first = new char[5];

        await reader.ReadBlockAsync(first, TestContext.Current.CancellationToken);
        _app.Release();

        Assert.Equal("first", new(first));
        Assert.Equal("second", await reader.ReadToEndAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Response_Redirect_IsPassedOn()
    {
        using var response = await _app.Client.GetAsync("/api/elsewhere", TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.Found, response.StatusCode);
        Assert.Equal("https://example.org/there", response.Headers.Location!.AbsoluteUri);
    }

    [Fact]
    public async Task Request_WithAValueInItsRoute_HandsItToTheFunction() =>
        Assert.Equal("7", await _app.Client.GetStringAsync("/api/typed/7", TestContext.Current.CancellationToken));

    [Theory]
    [InlineData("POST", "/api/elsewhere")] // a method that the function does not have
    [InlineData("GET", "/api/typed/seven")] // a constraint that is not met
    [InlineData("GET", "/api/nowhere")]
    [InlineData("GET", "/elsewhere")] // without the prefix
    public async Task Request_ThatNoFunctionTakes_Is404(string method, string path)
    {
        using var request = new HttpRequestMessage(new(method), path);

        using var response = await _app.Client.SendAsync(request, TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
    }

    [Theory]
    [InlineData("POST")] // the more special route takes it
    [InlineData("GET")] // the more special route has no GET, the other one has
    public async Task Request_ThatTwoRoutesMatch_IsTakenByOneThatHasTheMethod(string method)
    {
        using var request = new HttpRequestMessage(new(method), "/api/echo/numbers/7");

        var echo = await EchoAsync(request);

        Assert.Equal(method, echo["method"]);
    }

    private async Task<Dictionary<string, string>> EchoAsync(HttpRequestMessage request)
    {
        using var response = await _app.Client.SendAsync(request, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        return (await response.Content.ReadFromJsonAsync<Dictionary<string, string>>(TestContext.Current.CancellationToken))!;
    }

    /// <summary>Zeros, without holding them.</summary>
    private sealed class EndlessStream(long length) : Stream
    {
        private long _left = length;

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

        public override int Read(byte[] buffer, int offset, int count)
        {
            var read = (int)Math.Min(count, _left);
            _left -= read;
            return read;
        }

        public override void Flush() => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}

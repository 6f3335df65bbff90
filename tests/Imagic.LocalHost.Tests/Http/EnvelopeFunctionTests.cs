using System.Net;
using System.Text;
using System.Text.Json;
using Imagic.Tests;

namespace Imagic.LocalHost.Tests.Http;

/// <summary>One host for all tests of HTTP functions that are called by envelope.</summary>
public sealed class EnvelopeHost(AzuriteFixture azurite) : IAsyncLifetime
{
    internal TestApp App { get; } = new TestApp(azurite) { ProxiesHttp = false }.WithHttp("Ask", "ask/{id?}");

    public async ValueTask InitializeAsync() => await App.StartAsync();

    public ValueTask DisposeAsync() => App.DisposeAsync();
}

public sealed class EnvelopeFunctionTests(EnvelopeHost host) : IClassFixture<EnvelopeHost>
{
    private readonly TestApp _app = host.App;

    [Fact]
    public async Task Request_WithBody_ArrivesAsTheHostSendsIt()
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/ask/7?a=1&b=x%20y") { Content = new StringContent("hello") };
        request.Headers.Add("X-Two", ["one", "two"]);

        using var response = await _app.Client.SendAsync(request, TestContext.Current.CancellationToken);

        var sent = _app.Begun.Last(record => record.Body.Contains("x%20y", StringComparison.Ordinal));
        using var envelope = JsonDocument.Parse(sent.Body);
        var data = envelope.RootElement.GetProperty("Data").GetProperty("req");
        Assert.Equal(["Url", "Method", "Query", "Headers", "Params", "Identities", "Body"], data.EnumerateObject().Select(member => member.Name));
        Assert.Equal($"{_app.Client.BaseAddress}api/ask/7?a=1&b=x%20y", data.GetProperty("Url").GetString());
        Assert.Equal("POST", data.GetProperty("Method").GetString());
        Assert.Equal("""{"a":"1","b":"x y"}""", data.GetProperty("Query").GetRawText());
        Assert.Equal("""["text/plain; charset=utf-8"]""", data.GetProperty("Headers").GetProperty("Content-Type").GetRawText());
        Assert.Equal("""["one, two"]""", data.GetProperty("Headers").GetProperty("X-Two").GetRawText());
        Assert.Equal("""{"id":"7"}""", data.GetProperty("Params").GetRawText());
        Assert.False(data.GetProperty("Identities")[0].GetProperty("IsAuthenticated").GetBoolean());
        Assert.Equal("hello", data.GetProperty("Body").GetString());
        Assert.Equal("Ask", envelope.RootElement.GetProperty("Metadata").GetProperty("sys").GetProperty("MethodName").GetString());
        Assert.Equal("fine", await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Request_Binary_ArrivesAsBase64()
    {
        using var content = new ByteArrayContent([0, 1, 255]) { Headers = { ContentType = new("application/octet-stream") } };

        using var response = await _app.Client.PostAsync("/api/ask?binary", content, TestContext.Current.CancellationToken);

        Assert.Contains("\"Body\":\"AAH/\"", _app.Begun.Last(record => record.Body.Contains("?binary", StringComparison.Ordinal)).Body);
    }

    [Fact]
    public async Task Request_Chunked_LosesItsBodyAsInTheRealHost()
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/ask?chunked") { Content = new StringContent("lost") };
        request.Headers.TransferEncodingChunked = true;

        using var response = await _app.Client.SendAsync(request, TestContext.Current.CancellationToken);

        Assert.DoesNotContain("\"Body\"", _app.Begun.Last(record => record.Body.Contains("?chunked", StringComparison.Ordinal)).Body);
    }

    [Fact]
    public async Task Output_WithStatusHeadersAndBody_BecomesTheAnswer()
    {
        using var response = await AskAsync("teapot");

        Assert.Equal((HttpStatusCode)418, response.StatusCode);
        Assert.Equal("yes", response.Headers.GetValues("X-Test").Single());
        Assert.Equal("application/json", response.Content.Headers.ContentType!.MediaType);
        Assert.Equal("""{"is":"tea"}""", await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }

    [Theory]
    [InlineData("fail", "the handler answered 500")]
    [InlineData("text", "text/plain")]
    [InlineData("broken", "broken JSON")]
    [InlineData("bad-output", "is no object")]
    public async Task Function_ThatFails_Is500AndSaysWhyInTheLog(string behaviour, string reason)
    {
        using var response = await AskAsync(behaviour);

        Assert.Equal(HttpStatusCode.InternalServerError, response.StatusCode);
        Assert.Contains(_app.Log, line => line.Text.Contains(reason, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Function_WithLogs_HasThemInTheLog()
    {
        using var response = await AskAsync("");

        Assert.Contains(_app.Log, line => line.Text == "Ask: said by the function");
    }

    private Task<HttpResponseMessage> AskAsync(string behaviour) => _app.Client.PostAsync(
        "/api/ask", new StringContent(behaviour, Encoding.UTF8), TestContext.Current.CancellationToken);
}

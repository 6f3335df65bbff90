using System.Net;
using System.Text;
using Azure.Storage.Blobs.Models;
using Imagic.Tests;

namespace Imagic.Functions.Tests.CustomHandler;

public class EnvelopeTests(AzuriteFixture azurite)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static TheoryData<string> Fixtures => [.. HostCall.FixtureNames];

    [Theory]
    [MemberData(nameof(Fixtures))]
    public async Task Post_OfAnEnvelopeInThisForm_IsUnderstood(string fixture)
    {
        await using var app = await StartAsync();

        using var response = await app.PostAsync("OnStorageEvent", HostCall.Fixture(fixture));

        await HostCall.AssertDoneAsync(response);
        await AssertStartedAsync(app);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Post_ChunkedOrWithALength_IsUnderstood(bool chunked)
    {
        await using var app = await StartAsync();

        using var response = await app.PostAsync("OnStorageEvent", HostCall.Fixture("queue-quoted-twice"), chunked);

        await HostCall.AssertDoneAsync(response);
        await AssertStartedAsync(app);
    }

    [Fact]
    public async Task Post_WithAByteOrderMark_IsUnderstood()
    {
        await using var app = await StartAsync();

        using var response = await app.PostAsync("OnStorageEvent", [.. Encoding.UTF8.Preamble, .. HostCall.Fixture("queue-quoted-twice")]);

        await HostCall.AssertDoneAsync(response);
        await AssertStartedAsync(app);
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("{")]
    [InlineData("{}")]
    [InlineData("""{"Data":{}}""")]
    [InlineData("""{"Data":"x","Metadata":{}}""")]
    [InlineData("""{"Metadata":{}}""")]
    [InlineData("""{"Data":{"a":"x","b":"y"}}""")]
    public async Task Post_OfNoEnvelope_FailsSoThatTheHostKeepsTheMessage(string body)
    {
        await using var app = await FunctionApp.StartAsync(azurite);

        using var response = await app.PostAsync("OnStorageEvent", Encoding.UTF8.GetBytes(body));

        await FunctionApp.AssertProblemAsync(response, 400, "no-envelope");
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("\xFF\xFE")]
    [InlineData("{\"Data\":{}}")]
    public async Task Post_OfNoEnvelopeToPoison_IsDoneWithSinceThereIsNoQueueBehind(string body)
    {
        await using var app = await FunctionApp.StartAsync(azurite);

        using var response = await app.PostAsync("OnPoisonMessage", Encoding.Latin1.GetBytes(body));

        await HostCall.AssertDoneAsync(response);
    }

    [Theory]
    [InlineData("hello")]
    [InlineData("")]
    [InlineData("{\"eventType\":")]
    [InlineData("eyJldmVudFR5cGUi")]
    public async Task Post_OfAMessageThatIsNoJson_IsDoneWith(string message)
    {
        await using var app = await FunctionApp.StartAsync(azurite);

        using var response = await app.PostAsync("OnStorageEvent", HostCall.Envelope(message));

        Assert.Contains("no JSON", Assert.Single(await HostCall.AssertDoneAsync(response)), StringComparison.Ordinal);
        await app.AssertNothingWrittenAsync();
    }

    [Fact]
    public async Task Post_OfTheLargestMessage_IsRead()
    {
        await using var app = await FunctionApp.StartAsync(azurite);

        // 64 KiB of quotes: each becomes four characters when it is quoted twice.
        using var response = await app.PostAsync("OnStorageEvent", HostCall.Envelope(new('"', 64 * 1024)));

        await HostCall.AssertDoneAsync(response);
    }

    [Fact]
    public async Task Post_OfMoreThanAnyMessage_IsRefused()
    {
        await using var app = await FunctionApp.StartAsync(azurite);

        using var response = await app.PostAsync("OnStorageEvent", HostCall.Envelope(new('x', 2 * 1024 * 1024)));

        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, response.StatusCode);
    }

    [Fact]
    public async Task Get_OfAFunction_IsNotPossible()
    {
        await using var app = await FunctionApp.StartAsync(azurite);

        using var response = await app.Client.GetAsync(new Uri(app.Address, "OnStorageEvent"), Token);

        Assert.Equal(HttpStatusCode.MethodNotAllowed, response.StatusCode);
    }

    [Fact]
    public async Task Post_ManyAtATime_StartsOneEdit()
    {
        await using var app = await StartAsync();

        var responses = await Task.WhenAll(Enumerable.Range(0, 24).Select(_ => app.PostAsync("OnStorageEvent", HostCall.Fixture("queue-quoted-twice"))));

        await Task.WhenAll(responses.Select(HostCall.AssertDoneAsync));
        Assert.Single(await app.BlobsAsync(), name => name.EndsWith("/edit.json", StringComparison.Ordinal));
    }

    private static async Task AssertStartedAsync(FunctionApp app)
    {
        Assert.Single(await app.MessagesAsync());
        Assert.Equal(2, (await app.BlobsAsync()).Length);
    }

    // With the picture that the fixtures are about.
    private async Task<FunctionApp> StartAsync()
    {
        var app = await FunctionApp.StartAsync(azurite);
        await app.Account.Uploads.GetBlobClient("cat.png").UploadAsync(
            BinaryData.FromBytes(Pictures.Cat),
            new BlobUploadOptions { Metadata = new Dictionary<string, string> { ["targettext"] = "a smiling cat" } },
            Token);
        return app;
    }
}

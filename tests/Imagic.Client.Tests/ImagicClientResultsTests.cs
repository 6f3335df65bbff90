using System.Net;
using Imagic.Contracts.Results;
using Imagic.Functions.Tests;
using Imagic.TestKit;
using Imagic.Tests;
using Microsoft.AspNetCore.Http;
using static Imagic.Client.Tests.Answers;
using static Imagic.TestKit.ScriptedServer;

namespace Imagic.Client.Tests;

public class ImagicClientResultsTests(AzuriteFixture azurite)
{
    private static readonly EditId Id = EditId.Parse("some-edit");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Results_OfAnEditThatSucceeded_AreListedAndRead()
    {
        await using var app = await FunctionApp.StartAsync(azurite);
        using var client = app.NewClient();
        await app.CreateRecordAsync("some-edit");
        await app.SucceedAsync(Id, ResultManifest.SuggestedFile, "pictures/a b%c.png");

        var files = (await client.GetResultsAsync(Id, Token)).Files.Select(file => file.Name).ToArray();
        using var copy = new MemoryStream();
        await using (var stream = await client.OpenResultAsync(Id, files[1], Token)) await stream.CopyToAsync(copy, Token);
        using var anybody = new HttpClient();

        Assert.Equal([ResultManifest.SuggestedFile, "pictures/a b%c.png"], files);
        Assert.Equal(Pictures.Cat, copy.ToArray());
        Assert.Equal(Pictures.Cat, await client.DownloadResultAsync(Id, files[0], Token));
        Assert.Equal(Pictures.Cat, await anybody.GetByteArrayAsync(await client.GetResultAddressAsync(Id, files[0], Token), Token));
    }

    [Theory]
    [InlineData("edited.png", "no-results", EditState.Running)]
    [InlineData("other.png", "result-not-found", EditState.Succeeded)]
    public async Task Open_OfWhatIsNotThere_SaysWhy(string name, string code, EditState state)
    {
        await using var app = await FunctionApp.StartAsync(azurite);
        using var client = app.NewClient();
        await app.CreateRecordAsync("some-edit", record => record with { State = state });
        if (state == EditState.Succeeded) await app.SucceedAsync(Id, ResultManifest.SuggestedFile);

        Assert.Equal(code, (await Assert.ThrowsAsync<ImagicApiException>(() => client.OpenResultAsync(Id, name, Token))).Code);
    }

    [Fact]
    public async Task Download_FollowsToTheStorageWithoutTheKey()
    {
        var keys = new List<string>();
        Action<HttpContext> note = context => keys.Add(context.Request.Headers["x-functions-key"].ToString());
        await using var storage = await StartAsync(note + Text(200, "image/png", "a picture"));
        await using var server = await StartAsync(note + Answer(302, "Location", $"{storage.Address}edits/a.png?sig=x"));
        using var client = ClientOf(server, "the-key");

        Assert.Equal("a picture"u8.ToArray(), await client.DownloadResultAsync(Id, "a.png", Token));

        Assert.Equal(["the-key", ""], keys);
    }

    [Fact]
    public async Task Download_ThatBreaksOff_BeginsAgainAndAStreamTells()
    {
        await using var storage = await StartAsync(Answer(200, "Content-Length", "1000"), Text(200, "image/png", "a picture"), Answer(200, "Content-Length", "1000"));
        await using var server = await StartAsync([.. Enumerable.Repeat(Answer(302, "Location", $"{storage.Address}edits/a.png"), 2)]);
        using var client = ClientOf(server);

        Assert.Equal("a picture"u8.ToArray(), await client.DownloadResultAsync(Id, "a.png", Token));

        await using var stream = await client.OpenResultAsync(Id, "a.png", Token);
        await Assert.ThrowsAnyAsync<IOException>(() => stream.CopyToAsync(Stream.Null, Token));
    }

    [Theory]
    [InlineData(302, null)]
    [InlineData(302, "file:///etc/passwd")]
    [InlineData(200, null)]
    public async Task Download_SentNowhere_SaysSo(int status, string? location)
    {
        await using var server = await StartAsync(Answer(status, location is null ? null : "Location", location));
        using var client = ClientOf(server);

        Assert.Equal(ImagicApiException.Unreadable, (await Assert.ThrowsAsync<ImagicApiException>(() => client.DownloadResultAsync(Id, "a.png", Token))).Code);
    }

    [Theory]
    [InlineData(404)]
    [InlineData(302)]
    public async Task Download_OfWhatTheStorageDoesNotGive_Fails(int status)
    {
        await using var storage = await StartAsync(Answer(status, "Location", "http://127.0.0.1:1/"));
        await using var server = await StartAsync(Answer(302, "Location", $"{storage.Address}edits/a.png"));
        using var client = ClientOf(server);

        Assert.Equal((HttpStatusCode)status, (await Assert.ThrowsAsync<ImagicApiException>(() => client.DownloadResultAsync(Id, "a.png", Token))).Status);
    }

    private static ImagicClient ClientOf(ScriptedServer server, string? key = null) => new(new() { Address = server.Address, FunctionKey = key }, new JumpingTime());
}

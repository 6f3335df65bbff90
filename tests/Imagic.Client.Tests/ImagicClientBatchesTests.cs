using System.Text;
using Imagic.Functions.Tests;
using Imagic.TestKit;
using Imagic.Tests;
using Microsoft.AspNetCore.Http;
using static Imagic.Client.Tests.Answers;
using static Imagic.TestKit.ScriptedServer;

namespace Imagic.Client.Tests;

public class ImagicClientBatchesTests(AzuriteFixture azurite)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Upload_WhoseAnswerIsLost_TakesAnotherTicketAndShowsTheKeyToTheApiAlone()
    {
        var keys = new List<string>();
        Action<HttpContext> note = context => keys.Add(context.Request.Headers["x-functions-key"].ToString());
        await using var server = await StartAsync(note + Ticket("first"), note + Break, note + Answer(403), note + Ticket("second"), note + Answer(201));
        using var client = new ImagicClient(new() { Address = server.Address, FunctionKey = "the-key" }, new JumpingTime());
        using var picture = new MemoryStream([9, 1, 2, 3]) { Position = 1 };

        Assert.Equal("second", await client.UploadAsync(picture, "a.png", Token));

        Assert.Equal(3, server.Bodies.Count(body => body is [1, 2, 3]));
        Assert.Equal(["the-key", "", "", "the-key", ""], keys);
    }

    [Fact]
    public async Task Upload_OfAPictureWhoseNameIsRefused_LeavesTheNameOut()
    {
        await using var server = await StartAsync(Problem(415, """{"code":"unsupported-format"}"""), Ticket("some"));
        using var client = new ImagicClient(new() { Address = server.Address }, new JumpingTime());

        Assert.Equal("some", await client.UploadAsync(new MemoryStream([1, 2, 3]), "a.jfif", Token));

        Assert.Equal(["{\"name\":\"a.jfif\"}", "{}"], server.Bodies.Take(2).Select(Encoding.UTF8.GetString));
    }

    [Fact]
    public async Task Start_OfAnEditOrABatch_NamesItsWebhook()
    {
        const string url = "https://example.com/hook";
        await using var app = await FunctionApp.StartAsync(azurite, "IMAGIC_WEBHOOK_SECRET=whsec_MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=");
        using var client = app.NewClient();
        var request = new EditRequest { TargetText = "a dog", Webhook = url };

        var withPicture = await client.StartAsync(request, new MemoryStream(Pictures.Cat), "cat.png", cancellationToken: Token);
        var uploaded = await client.StartAsync(request with { Source = await client.UploadAsync(new MemoryStream(Pictures.Cat), "cat.png", Token) }, cancellationToken: Token);
        await client.StartBatchAsync("pets.csv", "source,targetText\na.png,a dog\n"u8.ToArray(), url, Token);
        await app.DeliverAsync(StoragePaths.Batches, "pets.csv");

        var batch = await client.FindBatchAsync("pets.csv", Token);
        Assert.Equal("pets.csv", Assert.Single((await client.ListBatchesAsync(limit: 10, cancellationToken: Token)).Batches).Name);
        Assert.All([withPicture.View.Webhook, uploaded.View.Webhook, batch!.Webhook], webhook => Assert.Equal(new WebhookView(url), webhook));
    }

    [Theory]
    [InlineData("pets.csv", "source,targetText\n{0},a smiling cat\nmissing.png,a dog\n")]
    [InlineData("my pets.jsonl", "{{\"source\":\"{0}\",\"targetText\":\"a smiling cat\"}}\n{{\"source\":\"missing.png\",\"targetText\":\"a dog\"}}\n")]
    public async Task Batch_FromManifestToSummary(string name, string lines)
    {
        await using var app = await FunctionApp.StartAsync(azurite);
        using var client = app.NewClient();
        var manifest = Encoding.UTF8.GetBytes(string.Format(lines, await client.UploadAsync(new MemoryStream(Pictures.Cat), "cat.png", Token)));

        await client.StartBatchAsync(name, manifest, cancellationToken: Token);
        await client.StartBatchAsync(name, manifest, cancellationToken: Token);
        Assert.Null(await client.FindBatchAsync(name, Token));
        await app.DeliverAsync(StoragePaths.Batches, name);
        var waiting = client.WaitForBatchAsync(name, Token);

        var read = await client.FindBatchAsync(name, Token);
        Assert.Equal("a smiling cat", Assert.Single(read!.Report.Accepted).TargetText);
        Assert.Equal("source-not-found", Assert.Single(read.Report.Rejected).Code);
        Assert.False(waiting.IsCompleted);
        await new Storage.Batches.BatchStore(app.Account).WriteSummaryAsync(name, new()
        {
            Manifest = name, Run = read.Report.Run, Ended = read.Report.Created, Succeeded = 1, Failed = 0, Cancelled = 0, Rejected = 1, Edits = [],
        }, Token);
        Assert.Equal(1, (await waiting).Summary!.Succeeded);
        Assert.Null(await client.DownloadContactSheetAsync(name, Token));
    }

    [Fact]
    public async Task StartBatch_UnderTheNameOfAnother_IsAConflict()
    {
        await using var app = await FunctionApp.StartAsync(azurite);
        using var client = app.NewClient();
        await client.StartBatchAsync("pets.csv", "source,targetText\na.png,a dog\n"u8.ToArray(), cancellationToken: Token);

        var exception = await Assert.ThrowsAsync<ImagicApiException>(() => client.StartBatchAsync("pets.csv", "source,targetText\na.png,a cow\n"u8.ToArray(), cancellationToken: Token));

        Assert.Equal("batch-exists", exception.Code);
    }

    [Fact]
    public async Task DeleteBatch_AgainAndAgain_TellsWhenItIsGone()
    {
        await using var app = await FunctionApp.StartAsync(azurite);
        using var client = app.NewClient();
        var source = await client.UploadAsync(new MemoryStream(Pictures.Cat), "cat.png", Token);
        await client.StartBatchAsync("pets.csv", Encoding.UTF8.GetBytes($"source,targetText\n{source},a smiling cat\n"), cancellationToken: Token);
        await app.DeliverAsync(StoragePaths.Batches, "pets.csv");
        var id = (await client.FindBatchAsync("pets.csv", Token))!.Report.Accepted[0].EditId;
        await app.ChangeAsync(id.Value, record => record with { State = EditState.Running, Claim = new("worker", "message", record.Created) });

        Assert.False(await client.DeleteBatchAsync("pets.csv", Token));
        await app.ChangeAsync(id.Value, record => record with { State = EditState.Queued, Claim = null });
        Assert.True(await client.DeleteBatchAsync("pets.csv", Token));
        Assert.True(await client.DeleteBatchAsync("pets.csv", Token));

        Assert.Null(await client.FindBatchAsync("pets.csv", Token));
        Assert.Null(await client.FindAsync(id, Token));
    }

    [Fact]
    public async Task FindBatch_WhereNoImagicIs_IsNoMissingBatch()
    {
        await using var server = await StartAsync(Text(404, "text/html", "<html>nothing here</html>"));
        using var client = new ImagicClient(new() { Address = server.Address }, new JumpingTime());

        Assert.Equal(ImagicApiException.Failed, (await Assert.ThrowsAsync<ImagicApiException>(() => client.FindBatchAsync("pets.csv", Token))).Code);
    }

    private static Action<HttpContext> Ticket(string name) =>
        Json(201, server => $$"""{"name":"{{name}}","url":"{{server}}/uploads/{{name}}?key","expires":"2026-01-01T00:00:00Z"}""");
}

using System.Text;
using Imagic.Contracts;
using Imagic.Contracts.Edits;
using Imagic.Contracts.Webhooks;
using Imagic.Functions.Tests.Batches;
using Imagic.Functions.Tests.StorageEvents;
using Imagic.Storage;
using Imagic.Tests;
using Imagic.Webhooks.Tests;

namespace Imagic.Functions.Tests.Webhooks;

/// <summary>How a webhook is asked for, and what the API tells of it.</summary>
public class WebhookRequestTests(AzuriteFixture azurite)
{
    private const string Url = "https://example.com/hook";
    private const string Secret = $"IMAGIC_WEBHOOK_SECRET={Receiver.Secret}";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Edit_ThatEnds_TellsItsWebhookAndWhatBecameOfIt()
    {
        await using var receiver = await Receiver.StartAsync();
        await using var app = await FunctionApp.StartAsync(azurite, Secret, $"IMAGIC_WEBHOOK_HOSTS={receiver.Address.Authority}");
        await app.UploadAsync("cat.png", Pictures.Cat);

        var started = await FunctionApp.ViewAsync(await app.PutAsync("cat-1", $$"""{"source":"cat.png","targetText":"a dog","webhook":"{{receiver.Url}}"}"""));
        await app.Client.PostAsync("edits/cat-1/cancel", null, Token);
        var cancelled = await app.GetAsync("edits/cat-1");
        var text = Assert.Single(await MessagesAsync(app));
        for (var i = 0; i < 2; i++) await app.DeliverTextAsync("OnWebhook", text);

        Assert.Equal(new(receiver.Url), started.Webhook);
        Assert.Equal(new(receiver.Url), (await FunctionApp.ViewAsync(cancelled)).Webhook);
        var call = Assert.Single(receiver.Calls);
        new StandardWebhooks.StandardWebhook(Receiver.Secret).Verify(call.Payload, call.Headers);
        Assert.Contains("edit.cancelled", call.Payload, StringComparison.Ordinal);
        using var asked = new HttpRequestMessage(HttpMethod.Get, "edits/cat-1") { Headers = { IfNoneMatch = { cancelled.Headers.ETag! } } };
        var told = await app.Client.SendAsync(asked, Token);
        var view = (await FunctionApp.ViewAsync(told)).Webhook!;
        Assert.Equal((1, 200, null), (view.Tries, view.LastStatus, view.NextTry));
        Assert.NotNull(view.DeliveredAt);
        using var again = new HttpRequestMessage(HttpMethod.Get, "edits/cat-1") { Headers = { IfNoneMatch = { told.Headers.ETag! } } };
        Assert.Equal(304, (int)(await app.Client.SendAsync(again, Token)).StatusCode);
    }

    [Fact]
    public async Task Put_Repeated_WithAnotherWebhook_KeepsTheFirst()
    {
        await using var app = await FunctionApp.TakeAsync(azurite, Secret);
        await app.UploadAsync("cat.png", Pictures.Cat);
        await app.PutAsync("cat-1", $$"""{"source":"cat.png","targetText":"a dog","webhook":"{{Url}}"}""");

        foreach (var other in new[] { ""","webhook":"https://example.org/" """, "" })
        {
            var again = await app.PutAsync("cat-1", $$"""{"source":"cat.png","targetText":"a dog"{{other}}}""");
            Assert.Equal(new(Url), (await FunctionApp.ViewAsync(again)).Webhook);
        }
    }

    [Fact]
    public async Task Start_ByFormSidecarOrMetadata_TakesAWebhook()
    {
        await using var app = await FunctionApp.TakeAsync(azurite, Secret);
        using var form = new MultipartFormDataContent
        {
            { new ByteArrayContent(Pictures.Cat), "picture", "cat.png" }, { new StringContent("a dog"), "targetText" }, { new StringContent(Url), "webhook" },
        };
        await app.Client.PutAsync("edits/form-1", form, Token);
        await app.ImageAsync("sidecar.png", Pictures.Cat);
        await app.Account.Uploads.TextAsync("sidecar.png.json", $$"""{"targetText":"a hen","webhook":"{{Url}}"}""");
        await app.DeliverAsync(StoragePaths.Uploads, "sidecar.png");
        await app.ImageAsync("metadata.png", Pictures.Cat, ("targettext", "a fox"), ("webhook", Url));
        await app.DeliverAsync(StoragePaths.Uploads, "metadata.png");

        var edits = await app.EditsAsync();
        Assert.Equal(["a dog", "a fox", "a hen"], edits.Select(edit => edit.Settings.TargetText).Order());
        Assert.All(edits, edit => Assert.Equal(Url, edit.Webhook));
        await app.Account.Uploads.TextAsync("sidecar.png.json", """{"targetText":"a hen"}""");
        await app.DeliverAsync(StoragePaths.Uploads, "sidecar.png");
        Assert.Equal(3, (await app.EditsAsync()).Length); // who is told makes no other edit
    }

    [Fact]
    public async Task Put_OfAWebhookThatMustNotBeCalled_IsRefused()
    {
        await using var app = await FunctionApp.TakeAsync(azurite, Secret);
        await app.UploadAsync("cat.png", Pictures.Cat);

        foreach (var url in new[] { "http://example.com/", "https://169.254.169.254/metadata", "https://me@example.com/", "hook", "" })
        {
            var problem = await FunctionApp.AssertProblemAsync(
                await app.PutAsync("cat-1", $$"""{"source":"cat.png","targetText":"a dog","webhook":"{{url}}"}"""), 400, "invalid-webhook");
            Assert.Equal("webhook", (string?)problem["member"]);
        }

        await FunctionApp.AssertProblemAsync(await StartBatchAsync(app, "pets.jsonl", "{}", "https://10.0.0.1/"), 400, "invalid-webhook");
        await app.AssertNothingWrittenAsync();
    }

    [Fact]
    public async Task Put_OfAWebhookWithoutASecret_IsRefused()
    {
        await using var app = await FunctionApp.StartAsync(azurite);
        await app.UploadAsync("cat.png", Pictures.Cat);

        await FunctionApp.AssertProblemAsync(
            await app.PutAsync("cat-1", $$"""{"source":"cat.png","targetText":"a dog","webhook":"{{Url}}"}"""), 400, "invalid-webhook");
    }

    [Fact]
    public async Task Batch_WithAWebhook_GivesItToItsLinesAndTellsItsEnd()
    {
        await using var app = await FunctionApp.TakeAsync(azurite, Secret);
        await app.UploadAsync("cat.png", Pictures.Cat);

        await StartBatchAsync(app, "pets.jsonl", """
            {"source":"cat.png","targetText":"a dog"}
            {"source":"cat.png","targetText":"a hen","webhook":"https://example.org/own"}
            """, Url);
        await StartBatchAsync(app, "none.jsonl", """{"source":"hen.png","targetText":"a hen"}""", Url);
        foreach (var name in new[] { "pets.jsonl", "none.jsonl", "none.jsonl" }) await app.DeliverAsync(StoragePaths.Batches, name);

        Assert.Equal(
            [("a dog", Url), ("a hen", "https://example.org/own")],
            (await app.EditsAsync()).Select(edit => (edit.Settings.TargetText, edit.Webhook)).Order());
        Assert.Equal((Url, Url), ((await app.ReportAsync("pets.jsonl")).Report.Webhook, (await app.ReportAsync("none.jsonl")).Report.Webhook));
        var messages = (await MessagesAsync(app)).Select(text => Versioning.Read(Encoding.UTF8.GetBytes(text), ContractsJsonContext.Default.WebhookMessage, "message")).ToList();
        Assert.Equal(WebhookMessage.Of("none.jsonl", (await app.SummaryAsync("none.jsonl"))!), Assert.Single(messages.Distinct()));
        Assert.Equal(2, messages.Count); // one for each delivery of the event
    }

    [Fact]
    public async Task Batch_WhoseMetadataNamesAWebhookThatMustNotBeCalled_RejectsItsLines()
    {
        await using var app = await FunctionApp.TakeAsync(azurite, Secret);
        await app.UploadAsync("cat.png", Pictures.Cat);
        await app.Account.Batches.GetBlobClient("pets.jsonl").UploadAsync(
            BinaryData.FromString("""{"source":"cat.png","targetText":"a dog"}"""),
            new Azure.Storage.Blobs.Models.BlobUploadOptions { Metadata = new Dictionary<string, string> { ["webhook"] = "https://10.0.0.1/" } }, Token);

        await app.DeliverAsync(StoragePaths.Batches, "pets.jsonl");

        var (report, _) = await app.ReportAsync("pets.jsonl");
        Assert.Equal(("invalid-webhook", null), (Assert.Single(report.Rejected).Code, report.Webhook));
    }

    private static async Task<HttpResponseMessage> StartBatchAsync(FunctionApp app, string name, string manifest, string webhook)
    {
        using var request = new HttpRequestMessage(HttpMethod.Put, $"batches/{name}")
        {
            Content = new StringContent(manifest, Encoding.UTF8, "application/x-ndjson"), Headers = { { "Imagic-Webhook", webhook } },
        };
        return await app.Client.SendAsync(request, Token);
    }

    private static async Task<string[]> MessagesAsync(FunctionApp app)
    {
        var answer = await app.Account.Queues.GetQueueClient(StoragePaths.Webhooks).PeekMessagesAsync(32, Token);
        return [.. answer.Value.Select(message => Encoding.UTF8.GetString(QueueText.Decode(message.Body.ToString())))];
    }
}

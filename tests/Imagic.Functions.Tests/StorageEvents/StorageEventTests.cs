using System.Text;
using System.Text.Json.Nodes;
using Imagic.LocalHost.Azurite;
using Imagic.Tests;

namespace Imagic.Functions.Tests.StorageEvents;

public class StorageEventTests(AzuriteFixture azurite)
{
    private const string Function = "OnStorageEvent";
    private const string Subject = "/blobServices/default/containers/uploads/blobs/cat.png";

    [Theory]
    [InlineData("Microsoft.Storage.BlobDeleted")]
    [InlineData("Microsoft.Storage.BlobRenamed")]
    [InlineData("Microsoft.EventGrid.SubscriptionValidationEvent")]
    [InlineData("")]
    public async Task Event_OfAnotherType_IsDoneWith(string type)
    {
        await using var app = await StartAsync();

        await app.DeliverTextAsync(Function, EventJson.Created(Subject, null, type));

        await app.AssertNothingWrittenAsync();
    }

    [Theory]
    [InlineData("edits")]
    [InlineData("azure-webjobs-hosts")]
    [InlineData("$logs")]
    public async Task Event_OfAnotherContainer_IsDoneWith(string container)
    {
        await using var app = await StartAsync();

        await app.DeliverAsync(container, "cat.png");

        await app.AssertNothingWrittenAsync();
    }

    [Fact]
    public async Task Event_OfAnotherAccount_OnlySuppliesAName()
    {
        await using var app = await StartAsync();

        await app.DeliverTextAsync(Function, EventJson.Created(Subject, "https://elsewhere.example/uploads/cat.png?sig=secret"));

        Assert.Equal("cat.png", Assert.Single(await app.EditsAsync()).Source.Name);
    }

    [Theory]
    [InlineData("dog #2.png")]
    [InlineData("is it? 100%.png")]
    [InlineData("a%20b.png")]
    public async Task Event_FromASenderThatEncodesNothing_IsOfThatName(string name)
    {
        await using var app = await StartAsync();
        await app.ImageAsync(name, Pictures.Cat, ("targettext", "a dog"));

        await app.DeliverTextAsync(Function, EventJson.Created($"/blobServices/default/containers/uploads/blobs/{name}", EventJson.Url(app, "uploads", name)));

        Assert.Equal(name, Assert.Single(await app.EditsAsync()).Source.Name);
    }

    [Fact]
    public async Task Event_WithADamagedSubject_TakesTheAddress()
    {
        await using var app = await StartAsync();

        await app.DeliverTextAsync(Function, EventJson.Created("/blobServices/default/containers/uploads/blobs/ca\uFFFD.png", EventJson.Url(app, "uploads", "%63at.png?x=y#z")));

        Assert.Single(await app.EditsAsync());
    }

    [Theory]
    [InlineData("%2e%2e/edits/x/edit.json")]
    [InlineData("../edits/x/edit.json")]
    [InlineData("a/../cat.png")]
    [InlineData("./cat.png")]
    [InlineData("a//cat.png")]
    [InlineData("/cat.png")]
    [InlineData("cat.png/")]
    [InlineData("a%5Ccat.png")]
    [InlineData("cat%00.png")]
    [InlineData("cat%0A.png")]
    [InlineData("cat.png.")]
    [InlineData("")]
    public async Task Event_WithANameThatIsNone_IsDoneWith(string encodedName)
    {
        await using var app = await StartAsync();

        await app.DeliverTextAsync(Function, EventJson.Created(null, EventJson.Url(app, "uploads", encodedName)));

        await app.AssertNothingWrittenAsync();
    }

    [Fact]
    public async Task Event_WithANameThatIsTooLong_IsDoneWith()
    {
        await using var app = await StartAsync();

        await app.DeliverAsync("uploads", new string('x', 1000) + ".png");
        await app.DeliverAsync("batches", new string('x', 1000) + ".csv");

        await app.AssertNothingWrittenAsync();
    }

    [Theory]
    [InlineData("uploads", "cat.png.")]
    [InlineData("batches", ".../../.csv", false)]
    [InlineData("uploads", "950")]
    [InlineData("batches", "950")]
    [InlineData("uploads", "never-there.", false)]
    public async Task Blob_WithANameThatIsNotAccepted_GetsAProblemWhereThatHasAName(string container, string name, bool isTold = true)
    {
        await using var app = await StartAsync();
        if (int.TryParse(name, out var length)) name = new string('x', length - 4) + (container == "uploads" ? ".png" : ".csv");
        var blobs = app.Account.Blobs.GetBlobContainerClient(container);
        if (!name.StartsWith("never", StringComparison.Ordinal) && !name.Contains('/')) await blobs.UploadBlobAsync(name, BinaryData.FromBytes(Pictures.Cat), TestContext.Current.CancellationToken);

        await app.DeliverAsync(container, name);
        await app.DeliverAsync(container, name + ".problem.json");

        if (isTold) Assert.Equal("invalid-name", (string?)(await blobs.ProblemAsync(name))?["code"]);
        else Assert.DoesNotContain(await blobs.GetBlobsAsync(cancellationToken: TestContext.Current.CancellationToken).Select(blob => blob.Name).ToArrayAsync(TestContext.Current.CancellationToken), blob => blob.EndsWith(".problem.json", StringComparison.Ordinal));
        await app.AssertNothingWrittenAsync();
    }

    [Theory]
    [InlineData("""{"eventType":"Microsoft.Storage.BlobCreated","subject":"/blobServices/default/containers/uploads/blobs/\ud800.png"}""")]
    [InlineData("""{"eventType":"\ud800","subject":"/blobServices/default/containers/uploads/blobs/cat.png"}""")]
    [InlineData("""{"\ud800":"Microsoft.Storage.BlobCreated","data":{"\udc00":"x","url":"\ud800"}}""")]
    [InlineData("""{"eventType":"Microsoft.Storage.BlobCreated","data":{"url":"http://127.0.0.1/uploads/%FF.png"}}""")]
    public async Task Event_WithATextThatIsNoUnicode_IsDoneWith(string json)
    {
        await using var app = await StartAsync();

        await app.DeliverTextAsync(Function, json);
        await app.DeliverTextAsync("OnPoisonMessage", json);

        await app.AssertNothingWrittenAsync();
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("[]")]
    [InlineData("[7, null, \"x\", {\"data\":7}]")]
    [InlineData("{\"eventType\":\"Microsoft.Storage.BlobCreated\"}")]
    [InlineData("{\"eventType\":\"Microsoft.Storage.BlobCreated\",\"subject\":7,\"data\":{\"url\":{}}}")]
    [InlineData("{\"eventType\":\"Microsoft.Storage.BlobCreated\",\"subject\":\"/blobServices/default/containers/uploads\",\"data\":{\"url\":\"cat.png\"}}")]
    public async Task Event_ThatNamesNoBlob_IsDoneWith(string json)
    {
        await using var app = await StartAsync();

        await app.DeliverTextAsync(Function, json);

        await app.AssertNothingWrittenAsync();
    }

    [Theory]
    [InlineData("hello")]
    [InlineData("")]
    [InlineData("{\"eventType\":")]
    [InlineData("eyJldmVudFR5cGUi")] // base64 of {"eventType"
    public async Task Message_ThatIsNoJson_IsDoneWith(string message)
    {
        await using var app = await StartAsync();

        await app.DeliverTextAsync(Function, message);

        await app.AssertNothingWrittenAsync();
    }

    [Theory]
    [InlineData(false, false)]
    [InlineData(false, true)]
    [InlineData(true, false)]
    [InlineData(true, true)]
    public async Task Message_InBase64OrWithAByteOrderMark_IsRead(bool isBase64, bool isMarked)
    {
        await using var app = await StartAsync();
        var text = (isMarked ? "\uFEFF" : "") + EventJson.Created(app, "uploads", "cat.png");

        await app.DeliverTextAsync(Function, isBase64 ? Convert.ToBase64String(Encoding.UTF8.GetBytes(text)) : text);

        Assert.Single(await app.EditsAsync());
    }

    [Fact]
    public async Task Message_OfACloudEvent_IsRead()
    {
        await using var app = await StartAsync();

        await app.DeliverTextAsync(Function, new JsonObject
        {
            ["specversion"] = "1.0",
            ["type"] = "Microsoft.Storage.BlobCreated",
            ["source"] = "/subscriptions/0/resourceGroups/imagic/providers/Microsoft.Storage/storageAccounts/imagic",
            ["id"] = "1",
            ["subject"] = Subject,
            ["data"] = new JsonObject { ["url"] = EventJson.Url(app, "uploads", "cat.png") },
        }.ToJsonString());

        Assert.Single(await app.EditsAsync());
    }

    [Fact]
    public async Task Message_OfSeveralEvents_HandlesEach()
    {
        await using var app = await StartAsync();
        await app.ImageAsync("heart.png", Pictures.Heart, ("targettext", "a broken heart"));

        await app.DeliverTextAsync(Function, new JsonArray(
            JsonNode.Parse(EventJson.Created(app, "uploads", "cat.png")),
            JsonNode.Parse(EventJson.Created(Subject, null, "Microsoft.Storage.BlobDeleted")),
            JsonNode.Parse(EventJson.Created(app, "uploads", "heart.png"))).ToJsonString());

        Assert.Equal(["cat.png", "heart.png"], (await app.EditsAsync()).Select(edit => edit.Source.Name).Order());
    }

    [Fact]
    public async Task Event_WhileStorageIsAway_FailsSoThatTheHostTriesAgain()
    {
        var nobody = AzuriteProcess.FreePort();
        await using var app = await FunctionApp.StartAsync(
            azurite, $"ImagicStorage={AzuriteProcess.ConnectionString(AzuriteAccount.WellKnown, nobody, nobody)}");

        Assert.False(await app.TryDeliverAsync(Function, EventJson.Created(Subject, null)));
    }

    private async Task<FunctionApp> StartAsync()
    {
        var app = await FunctionApp.StartAsync(azurite);
        await app.ImageAsync("cat.png", Pictures.Cat, ("targettext", "a smiling cat"));
        return app;
    }
}

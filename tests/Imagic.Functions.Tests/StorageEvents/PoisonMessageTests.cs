using Azure.Storage.Blobs.Models;
using Imagic.Tests;

namespace Imagic.Functions.Tests.StorageEvents;

public class PoisonMessageTests(AzuriteFixture azurite)
{
    private const string Function = "OnPoisonMessage";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("uploads", "in/my cat.png", "in/my cat.png")]
    [InlineData("uploads", "cat.png.json", "cat.png")]
    [InlineData("batches", "catalogue.csv", "catalogue.csv")]
    public async Task Event_ThatFailedEachTime_LeavesAProblemBesideItsFile(string container, string name, string file)
    {
        await using var app = await FunctionApp.StartAsync(azurite);

        await app.DeliverAsync(container, name, Function);
        await app.DeliverAsync(container, name, Function);

        var problem = await app.Account.Blobs.GetBlobContainerClient(container).ProblemAsync(file);
        Assert.Equal("event-failed", (string?)problem!["code"]);
        Assert.Contains("Upload it again", (string?)problem["detail"], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("uploads", "cat.png.problem.json")]
    [InlineData("batches", "catalogue/report.json")]
    [InlineData("batches", "notes.txt")]
    [InlineData("edits", "cat/edit.json")]
    public async Task Event_OfAFileThatNobodyDropped_LeavesNothing(string container, string name)
    {
        await using var app = await FunctionApp.StartAsync(azurite);

        await app.DeliverAsync(container, name, Function);

        await AssertEmptyAsync(app);
    }

    [Theory]
    [InlineData("hello")]
    [InlineData("")]
    [InlineData("{\"eventType\":")]
    [InlineData("[null]")]
    public async Task Message_ThatIsUnreadable_IsDoneWith(string message)
    {
        await using var app = await FunctionApp.StartAsync(azurite);

        await app.DeliverTextAsync(Function, message);

        await AssertEmptyAsync(app);
    }

    [Fact]
    public async Task Problem_OfAFailedEvent_IsTakenAwayByALaterSuccess()
    {
        await using var app = await FunctionApp.StartAsync(azurite);
        await app.ImageAsync("cat.png", Pictures.Cat, ("targettext", "a smiling cat"));
        await app.Account.Batches.TextAsync("two.jsonl", """{"source":"cat.png","targetText":"a sleeping cat"}""");
        await app.DeliverAsync("uploads", "cat.png", Function);
        await app.DeliverAsync("batches", "two.jsonl", Function);

        await app.DeliverAsync("uploads", "cat.png");
        await app.DeliverAsync("batches", "two.jsonl");

        Assert.Null(await app.Account.Uploads.ProblemAsync("cat.png"));
        Assert.Null(await app.Account.Batches.ProblemAsync("two.jsonl"));
        Assert.Equal(2, (await app.EditsAsync()).Length);
    }

    private static async Task AssertEmptyAsync(FunctionApp app)
    {
        await foreach (var blob in app.Account.Uploads.GetBlobsAsync(BlobTraits.None, BlobStates.None, null, Token)) Assert.Fail(blob.Name);
        await foreach (var blob in app.Account.Batches.GetBlobsAsync(BlobTraits.None, BlobStates.None, null, Token)) Assert.Fail(blob.Name);
        await app.AssertNothingWrittenAsync();
    }
}

using System.Net;
using System.Text.Json.Nodes;
using Imagic.Contracts;
using Imagic.Tests;

namespace Imagic.Functions.Tests.Health;

public class GetHealthTests(AzuriteFixture azurite)
{
    // So that no other test has asked this process before: what was found holds for some seconds.
    private const string Own = "ImagicModels=emoji-64";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Get_WithStorage_IsOk()
    {
        await using var app = await FunctionApp.StartAsync(azurite);

        var response = await app.GetAsync("health");

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("ok", (string?)JsonNode.Parse(await response.Content.ReadAsStringAsync(Cancellation))!["status"]);
    }

    [Fact]
    public async Task Get_WithoutTheContainers_SaysWhatIsMissing()
    {
        await using var app = await FunctionApp.StartAsync(azurite, Own);
        await app.Account.Edits.DeleteAsync(cancellationToken: Cancellation);

        await FunctionApp.AssertProblemAsync(await app.GetAsync("health"), 503, "storage-incomplete");
    }

    [Fact]
    public async Task Get_WithoutTheQueues_SaysWhatIsMissing()
    {
        await using var app = await FunctionApp.StartAsync(azurite, Own);
        await app.Account.Queues.GetQueueClient(StoragePaths.Queues[0]).DeleteAsync(Cancellation);

        await FunctionApp.AssertProblemAsync(await app.GetAsync("health"), 503, "storage-incomplete");
    }
}

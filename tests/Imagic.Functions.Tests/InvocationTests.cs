using System.Diagnostics;
using Imagic.Functions.Tests.StorageEvents;
using Imagic.Tests;

namespace Imagic.Functions.Tests;

public class InvocationTests(AzuriteFixture azurite)
{
    private const string TraceParent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00";

    [Fact]
    public async Task Message_OfTheHostsTrace_StartsAnEditOfThatTrace()
    {
        await using var app = await FunctionApp.StartAsync(azurite);
        await app.ImageAsync("cat.png", Pictures.Cat, ("targettext", "a smiling cat"));

        Assert.True(await app.TryDeliverAsync("OnStorageEvent", EventJson.Created(app, "uploads", "cat.png"), TraceParent));

        AssertSameTrace(Assert.Single(await app.MessagesAsync()).TraceParent);
    }

    [Fact]
    public async Task Request_OfTheHostsTrace_StartsAnEditOfThatTrace()
    {
        await using var app = await FunctionApp.StartAsync(azurite);
        await app.UploadAsync("cat.png", Pictures.Cat);
        app.Client.DefaultRequestHeaders.Add("traceparent", TraceParent);

        using var response = await app.PutAsync("cat-1", """{"source":"cat.png","targetText":"a smiling cat"}""");

        Assert.Equal("cat-1", (await FunctionApp.ViewAsync(response)).EditId.ToString());
        AssertSameTrace(Assert.Single(await app.MessagesAsync()).TraceParent);
    }

    [Fact]
    public async Task Worker_ThatIsAskedToEnd_EndsWell()
    {
        await using var app = await FunctionApp.StartAsync(azurite);

        Assert.Equal(0, await app.StopAsync());
    }

    private static void AssertSameTrace(string? traceParent)
    {
        Assert.True(ActivityContext.TryParse(traceParent, null, out var context), traceParent);
        Assert.Equal("0af7651916cd43dd8448eb211c80319c", context.TraceId.ToHexString());
    }
}

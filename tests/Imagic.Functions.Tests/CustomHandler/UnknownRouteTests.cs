using Imagic.Tests;

namespace Imagic.Functions.Tests.CustomHandler;

/// <summary>What is not in the routes; no host lets it through, whoever calls the handler itself gets a problem.</summary>
public class UnknownRouteTests(AzuriteFixture azurite)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("nothing")]
    [InlineData("edits/cat-1/nothing")]
    [InlineData("../nothing")]
    public async Task Get_OfNoRoute_IsNotFound(string path)
    {
        await using var app = await FunctionApp.StartAsync(azurite);

        await FunctionApp.AssertProblemAsync(await app.GetAsync(path), 404, "not-found");
    }

    [Fact]
    public async Task Delete_OfAnEdit_NamesTheMethodsThatThereAre()
    {
        await using var app = await FunctionApp.StartAsync(azurite);

        var response = await app.Client.DeleteAsync("edits/cat-1", Cancellation);

        var problem = await FunctionApp.AssertProblemAsync(response, 405, "method-not-allowed");
        Assert.Equal(["GET", "PUT"], response.Content.Headers.Allow.Order());
        Assert.Contains("DELETE is not possible", (string)problem["detail"]!, StringComparison.Ordinal);
    }
}

using Imagic.LocalHost.Azurite;
using Imagic.Tests;

namespace Imagic.Functions.Tests.Problems;

public class ProblemMiddlewareTests(AzuriteFixture azurite)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Get_OfARecordOfANewerVersion_IsAnErrorWithATraceId()
    {
        await using var app = await FunctionApp.StartAsync(azurite);
        await app.Account.Edits.GetBlobClient("cat-1/edit.json").UploadAsync(BinaryData.FromString("""{"schema":99}"""), Cancellation);

        var problem = await FunctionApp.AssertProblemAsync(await app.GetAsync("edits/cat-1"), 500, "internal-error");

        Assert.NotEmpty((string)problem["traceId"]!);
        Assert.DoesNotContain("schema", problem.ToJsonString(), StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task Get_WithoutStorage_SaysToComeBack()
    {
        var port = AzuriteProcess.FreePort();
        await using var app = await FunctionApp.StartAsync(
            azurite, $"ImagicStorage={AzuriteProcess.ConnectionString(AzuriteAccount.WellKnown, port, port)}");

        var answers = await Task.WhenAll(
            app.GetAsync("edits/cat-1"),
            app.GetAsync("health"),
            app.PutAsync("cat-1", """{"source":"cat.png","targetText":"a dog"}"""));

        foreach (var answer in answers)
        {
            await FunctionApp.AssertProblemAsync(answer, 503, "storage-unavailable");
            Assert.Equal(TimeSpan.FromSeconds(10), answer.Headers.RetryAfter?.Delta);
        }
    }
}

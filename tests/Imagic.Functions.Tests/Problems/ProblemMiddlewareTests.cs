using Imagic.LocalHost.Azurite;
using Imagic.Runtime.Telemetry;
using Imagic.Tests;

namespace Imagic.Functions.Tests.Problems;

public class ProblemMiddlewareTests(AzuriteFixture azurite)
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
        using var telemetry = ImagicTelemetry.Start("test");
        await using var app = Program.Create(
            [$"--ImagicStorage={AzuriteProcess.ConnectionString(AzuriteAccount.WellKnown, port, port)}", "--FUNCTIONS_CUSTOMHANDLER_PORT=0"],
            telemetry);
        await app.StartAsync(Cancellation);
        using var client = new HttpClient { BaseAddress = new(app.Urls.Single()) };

        var answers = await Task.WhenAll(
            client.GetAsync("/api/edits/cat-1", Cancellation),
            client.GetAsync("/api/health", Cancellation),
            client.PutAsync("/api/edits/cat-1", FunctionApp.JsonBody("""{"source":"cat.png","targetText":"a dog"}"""), Cancellation));

        foreach (var answer in answers)
        {
            await FunctionApp.AssertProblemAsync(answer, 503, "storage-unavailable");
            Assert.Equal(TimeSpan.FromSeconds(10), answer.Headers.RetryAfter?.Delta);
        }
    }
}

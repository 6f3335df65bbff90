using Imagic.Functions.Problems;
using Imagic.LocalHost.Azurite;
using Imagic.Tests;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Imagic.Functions.Tests.Problems;

public class ProblemMiddlewareTests(AzuriteFixture azurite)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Get_OfABatchOfANewerVersion_IsAnErrorWithATraceId()
    {
        await using var app = await FunctionApp.StartAsync(azurite);
        await app.Account.Batches.GetBlobClient("cat-1/report.json").UploadAsync(BinaryData.FromString("""{"schema":99}"""), Cancellation);

        var problem = await FunctionApp.AssertProblemAsync(await app.GetAsync("batches/cat-1"), 500, "internal-error");

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

    [Fact]
    public async Task Invoke_OfAFunctionBeyondItsTime_EndsItAndSaysSo()
    {
        var time = new FakeTimeProvider();
        var http = new DefaultHttpContext { Response = { Body = new MemoryStream() } };
        var middleware = new ProblemMiddleware(time, NullLogger<ProblemMiddleware>.Instance);

        var run = middleware.Invoke(new Invocation(http), _ => Task.Delay(Timeout.Infinite, http.RequestAborted));
        time.Advance(TimeSpan.FromSeconds(229));
        Assert.False(run.IsCompleted);
        time.Advance(TimeSpan.FromSeconds(2));
        await run;

        Assert.Equal((408, Problem.MediaType), (http.Response.StatusCode, http.Response.ContentType));
    }

    /// <summary>An invocation by HTTP as far as the middleware looks at it.</summary>
    private sealed class Invocation(HttpContext http) : FunctionContext
    {
        public override string InvocationId => throw new NotSupportedException();

        public override string FunctionId => throw new NotSupportedException();

        public override TraceContext TraceContext => throw new NotSupportedException();

        public override BindingContext BindingContext => throw new NotSupportedException();

        public override RetryContext RetryContext => throw new NotSupportedException();

        public override IServiceProvider InstanceServices { get; set; } = null!;

        public override FunctionDefinition FunctionDefinition => throw new NotSupportedException();

        // Where the worker's package keeps the request.
        public override IDictionary<object, object> Items { get; set; } = new Dictionary<object, object> { ["HttpRequestContext"] = http };

        public override IInvocationFeatures Features => throw new NotSupportedException();
    }
}

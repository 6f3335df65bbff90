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

    [Theory]
    [InlineData("report.json", """{"schema":99}""")]
    [InlineData("report.json", "hello")]
    [InlineData("summary.json", """{"schema":99}""")]
    [InlineData("summary.json", "hello")]
    public async Task Get_OfABatchThatCannotBeRead_SaysWhichBlob(string file, string text)
    {
        await using var app = await FunctionApp.StartAsync(azurite);
        const string report = """{"schema":1,"manifest":"a.csv","run":"r","created":"2026-03-01T12:00:00Z","accepted":[],"rejected":[]}""";
        await app.Account.Batches.UploadBlobAsync("a.csv/report.json", BinaryData.FromString(file == "report.json" ? text : report), Cancellation);
        if (file != "report.json") await app.Account.Batches.UploadBlobAsync($"a.csv/{file}", BinaryData.FromString(text), Cancellation);

        var problem = await FunctionApp.AssertProblemAsync(await app.GetAsync("batches/a.csv"), 500, "batch-unreadable");

        Assert.Contains($"a.csv/{file}", (string)problem["detail"]!, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Invoke_OfAFunctionThatFailsUnexpectedly_SaysNothingButATraceId()
    {
        var http = new DefaultHttpContext { Response = { Body = new MemoryStream() } };
        var middleware = new ProblemMiddleware(new(NullLogger<ExceptionProblems>.Instance), TimeProvider.System);

        await middleware.Invoke(new Invocation(http), _ => throw new InvalidOperationException("a secret"));

        http.Response.Body.Position = 0;
        var problem = await System.Text.Json.Nodes.JsonNode.ParseAsync(http.Response.Body, cancellationToken: Cancellation);
        Assert.Equal((500, "internal-error"), (http.Response.StatusCode, (string?)problem!["code"]));
        Assert.NotEmpty((string)problem["traceId"]!);
        Assert.DoesNotContain("secret", problem.ToJsonString(), StringComparison.Ordinal);
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
        var middleware = new ProblemMiddleware(new(NullLogger<ExceptionProblems>.Instance), time);

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

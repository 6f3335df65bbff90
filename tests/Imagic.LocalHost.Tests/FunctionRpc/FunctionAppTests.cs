using Imagic.LocalHost.FunctionRpc;
using Imagic.Tests;

namespace Imagic.LocalHost.Tests.FunctionRpc;

public sealed class FunctionAppTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Load_Everything_ReadsIt()
    {
        Write("host.json", """
            { "version": "2.0", // comments are welcome
              "functionTimeout": "00:10:00",
              "extensions": { "http": { "routePrefix": "/v1/" }, "queues": { "batchSize": 8, "messageEncoding": "none" } } }
            """);
        Write("worker.config.json", """
            { "description": { "language": "dotnet-isolated", "defaultExecutablePath": "{WorkerRoot}app", "defaultWorkerPath": "app.dll" } }
            """);

        var app = FunctionApp.Load(_folder.Path);

        Assert.Equal((Path.Combine(_folder.Path, "app"), Path.Combine(_folder.Path, "app.dll")), (app.Executable, app.WorkerPath));
        Assert.Equal((TimeSpan.FromMinutes(10), "v1"), (app.FunctionTimeout, app.RoutePrefix));
    }

    [Theory]
    [InlineData("""{ "version": "2.0" }""", 30)]
    [InlineData("""{ "version": "2.0", "functionTimeout": "-1" }""", null)]
    public void Load_Little_HasTheDefaultsOfTheRealHost(string host, int? minutes)
    {
        WriteWorker();
        Write("host.json", host);

        var app = FunctionApp.Load(_folder.Path);

        Assert.Equal((minutes, "api", "dotnet"), (app.FunctionTimeout?.TotalMinutes, app.RoutePrefix, app.Executable));
    }

    [Theory]
    [InlineData("{", "host.json is no JSON")]
    [InlineData("{ \"version\": \"1.0\" }", "host.json has version '1.0'")]
    [InlineData("""{ "version": "2.0", "functionTimeout": "soon" }""", "functionTimeout 'soon'")]
    [InlineData("""{ "version": "2.0", "extensions": { "queues": { "batchSize": 33 } } }""", "extensions.queues that cannot be used")]
    [InlineData("""{ "version": "2.0", "extensions": { "queues": { "messageEncoding": "utf7" } } }""", "extensions.queues that cannot be used")]
    public void Load_BadHostJson_SaysWhatIsWrong(string json, string expected)
    {
        WriteWorker();
        Write("host.json", json);

        Assert.Contains(expected, Assert.Throws<FunctionAppException>(() => FunctionApp.Load(_folder.Path)).Message);
    }

    [Fact]
    public void Load_NoApp_SaysWhatWasExpected() =>
        Assert.Contains("must hold a built function app", Assert.Throws<FunctionAppException>(() => FunctionApp.Load(_folder.Path)).Message);

    [Fact]
    public void Load_AppOfAnotherKind_SaysSo()
    {
        Write("host.json", """{ "version": "2.0" }""");
        Write("worker.config.json", "{}");

        Assert.Contains("no app of an isolated worker", Assert.Throws<FunctionAppException>(() => FunctionApp.Load(_folder.Path)).Message);
    }

    private void WriteWorker() =>
        Write("worker.config.json", """{ "description": { "defaultExecutablePath": "dotnet", "defaultWorkerPath": "app.dll" } }""");

    private void Write(string name, string json) => File.WriteAllText(Path.Combine(_folder.Path, name), json);
}

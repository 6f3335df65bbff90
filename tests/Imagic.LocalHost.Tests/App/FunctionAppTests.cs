using Imagic.LocalHost.App;
using Imagic.Tests;

namespace Imagic.LocalHost.Tests.App;

public sealed class FunctionAppTests : IDisposable
{
    private const string Minimal =
        """{ "version": "2.0", "customHandler": { "description": { "defaultExecutablePath": "sh" } } }""";

    private const string Plain =
        """{ "bindings": [ { "type": "httpTrigger", "name": "req" }, { "type": "http", "direction": "out", "name": "res" } ] }""";

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Load_Everything_ReadsIt()
    {
        Directory.CreateDirectory(Path.Combine(_folder.Path, "bin"));
        WriteHost(
            """
            { "version": "2.0", // comments are welcome
              "functionTimeout": "00:10:00",
              "customHandler": {
                "description": { "DefaultExecutablePath": "%SHELL_NAME%", "arguments": ["-c", "say %WORD% %"], "workingDirectory": "bin" },
                "enableProxyingHttpRequest": true },
              "extensions": {
                "http": { "routePrefix": "/v1/" },
                "queues": { "batchSize": 8, "newBatchThreshold": 2, "maxDequeueCount": 3, "visibilityTimeout": "00:00:10",
                            "maxPollingInterval": "00:00:01", "messageEncoding": "None" } } }
            """);
        Write("Read", """
            { "bindings": [
              { "type": "httpTrigger", "direction": "in", "name": "req", "methods": ["get", "Put"], "route": "edits/{id}", "authLevel": "function" },
              { "type": "http", "direction": "out", "name": "res" } ] }
            """);
        Write("Stage", """{ "bindings": [ { "type": "queueTrigger", "name": "item", "queueName": "%QUEUE%", "connection": "ImagicStorage" } ] }""");
        Write("Off", """{ "disabled": true }""");
        Directory.CreateDirectory(Path.Combine(_folder.Path, "no function"));

        var app = Load(new() { ["SHELL_NAME"] = "sh", ["WORD"] = "hello", ["QUEUE"] = "stage" });

        Assert.EndsWith("/sh", app.Host.Executable);
        Assert.Equal(["-c", "say hello %"], app.Host.Arguments);
        Assert.Equal(Path.Combine(_folder.Path, "bin"), app.Host.WorkingDirectory);
        Assert.True(app.Host.ProxiesHttp);
        Assert.Equal(TimeSpan.FromMinutes(10), app.Host.FunctionTimeout);
        Assert.Equal("v1", app.Host.RoutePrefix);
        Assert.Equal(
            new QueueSettings
            {
                BatchSize = 8,
                NewBatchThreshold = 2,
                MaxDequeueCount = 3,
                VisibilityTimeout = TimeSpan.FromSeconds(10),
                MaxPollingInterval = TimeSpan.FromSeconds(1),
                IsBase64 = false,
            },
            app.Host.Queues);
        var http = Assert.IsType<HttpFunction>(app.Functions[0]);
        Assert.Equal(("Read", "req", "res", "edits/{id}"), (http.Name, http.Input, http.Output, http.Route));
        Assert.Equal(["GET", "PUT"], http.Methods);
        Assert.Equal(new QueueFunction("Stage", "item", "stage"), app.Functions[1]);
        Assert.Equal(2, app.Functions.Count);
    }

    [Fact]
    public void Load_Little_HasTheDefaultsOfTheRealHost()
    {
        WriteHost(Minimal);
        Write("Ask", Plain);

        var app = Load();

        Assert.False(app.Host.ProxiesHttp);
        Assert.Equal(TimeSpan.FromMinutes(30), app.Host.FunctionTimeout);
        Assert.Equal("api", app.Host.RoutePrefix);
        Assert.Equal((16, 5, true), (app.Host.Queues.BatchSize, app.Host.Queues.MaxDequeueCount, app.Host.Queues.IsBase64));
        Assert.Equal(8 * Environment.ProcessorCount, app.Host.Queues.EffectiveNewBatchThreshold);
        Assert.Equal("Ask", Assert.IsType<HttpFunction>(app.Functions.Single()).Route);
    }

    [Fact]
    public void Load_TimeoutMinusOne_IsNone()
    {
        WriteHost(Minimal.Replace("{ \"version\"", "{ \"functionTimeout\": \"-1\", \"version\"", StringComparison.Ordinal));
        Write("Ask", Plain);

        Assert.Null(Load().Host.FunctionTimeout);
    }

    [Theory]
    [InlineData("{", "host.json is no JSON")]
    [InlineData("{ \"version\": \"1.0\" }", "host.json has version '1.0'")]
    [InlineData("{ \"version\": \"2.0\" }", "no 'customHandler'")]
    [InlineData("""{ "version": "2.0", "customHandler": { "description": { "defaultExecutablePath": "no-such-program" } } }""", "starts 'no-such-program'")]
    [InlineData("""{ "version": "2.0", "customHandler": { "description": { "defaultExecutablePath": "%NO_SUCH%" } } }""", "the setting %NO_SUCH%, which is not set")]
    [InlineData("""{ "version": "2.0", "customHandler": { "description": { "defaultExecutablePath": "sh" }, "enableForwardingHttpRequest": true } }""", "use 'enableProxyingHttpRequest'")]
    [InlineData("""{ "version": "2.0", "functionTimeout": "soon", "customHandler": { "description": { "defaultExecutablePath": "sh" } } }""", "'functionTimeout' that is no time span")]
    [InlineData("""{ "version": "2.0", "extensions": { "queues": { "batchSize": 33 } }, "customHandler": { "description": { "defaultExecutablePath": "sh" } } }""", "'batchSize' that is not between 1 and 32")]
    [InlineData("""{ "version": "2.0", "extensions": { "queues": { "messageEncoding": "utf7" } }, "customHandler": { "description": { "defaultExecutablePath": "sh" } } }""", "messageEncoding 'utf7'")]
    public void Load_BadHostJson_SaysWhatIsWrong(string json, string expected)
    {
        WriteHost(json);
        Write("Ask", Plain);

        Assert.Contains(expected, Assert.Throws<FunctionAppException>(() => Load()).Message);
    }

    [Theory]
    [InlineData("""{ "bindings": [ { "type": "blobTrigger", "name": "blob" } ] }""", "[blobTrigger (in)]. This host knows httpTrigger (in) with http (out), and queueTrigger (in) alone")]
    [InlineData("""{ "bindings": [ { "type": "queueTrigger", "name": "q", "queueName": "q" }, { "type": "queue", "direction": "out", "name": "o" } ] }""", "[queueTrigger (in), queue (out)]")]
    [InlineData("""{ "bindings": [ { "type": "queueTrigger", "name": "q" } ] }""", "has a queueTrigger without 'queueName'")]
    [InlineData("""{ "bindings": [ { "type": "queueTrigger", "name": "q", "queueName": "q", "connection": "Elsewhere" } ] }""", "the connection 'Elsewhere'")]
    [InlineData("""{ "bindings": [ { "type": "queueTrigger", "name": "q", "queueName": "q", "dataType": "binary" } ] }""", "the dataType 'binary'")]
    [InlineData("""{ "bindings": "none" }""", "has a 'bindings' that is not a list")]
    [InlineData("nonsense", "is no JSON")]
    public void Load_BadFunctionJson_NamesTheFile(string json, string expected)
    {
        WriteHost(Minimal);
        Write("Bad", json);

        var message = Assert.Throws<FunctionAppException>(() => Load()).Message;

        Assert.StartsWith("Bad/function.json ", message);
        Assert.Contains(expected, message);
    }

    [Fact]
    public void Load_NoFunctions_SaysSo()
    {
        WriteHost(Minimal);

        Assert.StartsWith("There is no function in ", Assert.Throws<FunctionAppException>(() => Load()).Message);
    }

    [Fact]
    public void Load_NoApp_SaysWhatWasExpected() =>
        Assert.Contains("must hold a built function app", Assert.Throws<FunctionAppException>(() => Load()).Message);

    private FunctionApp Load(Dictionary<string, string>? settings = null) => FunctionApp.Load(_folder.Path, new(settings ?? []));

    private void WriteHost(string json) => File.WriteAllText(Path.Combine(_folder.Path, "host.json"), json);

    private void Write(string function, string json)
    {
        Directory.CreateDirectory(Path.Combine(_folder.Path, function));
        File.WriteAllText(Path.Combine(_folder.Path, function, "function.json"), json);
    }
}

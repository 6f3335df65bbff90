using System.Text.Json.Nodes;
using Imagic.Contracts;
using Imagic.Runtime.Storage;
using Imagic.Tests;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Imagic.Functions.Tests.CustomHandler;

/// <summary>What the host is told about and what the app serves are the same.</summary>
public class FunctionFoldersTests(AzuriteFixture azurite)
{
    // The tests have the app's output beside their own.
    private static string AppFolder => Path.Combine(
        Path.GetDirectoryName(Path.GetDirectoryName(AppContext.BaseDirectory.TrimEnd('/')))!, "Imagic.Functions",
        Path.GetFileName(AppContext.BaseDirectory.TrimEnd('/')));

    private static (string Name, JsonNode[] Bindings)[] Functions =>
        [.. from file in Directory.EnumerateFiles(AppFolder, "function.json", SearchOption.AllDirectories)
            let folder = Path.GetRelativePath(AppFolder, Path.GetDirectoryName(file)!)
            select (folder, JsonNode.Parse(File.ReadAllText(file))!["bindings"]!.AsArray().Select(binding => binding!).ToArray())];

    [Fact]
    public async Task Functions_AreTheRoutesOfTheApp()
    {
        await using var app = await FunctionApp.StartAsync(azurite);
        var served =
            from endpoint in app.Get<IEnumerable<EndpointDataSource>>().SelectMany(source => source.Endpoints).OfType<RouteEndpoint>()
            let pattern = "/" + endpoint.RoutePattern.RawText!.Trim('/').Replace("{**", "{*", StringComparison.Ordinal)
            where pattern != "/" // readiness
            from method in endpoint.Metadata.GetRequiredMetadata<HttpMethodMetadata>().HttpMethods
            select $"{method} {pattern}";
        var told =
            from function in Functions
            let trigger = function.Bindings[0]
            select (string?)trigger["type"] == "httpTrigger"
                ? $"{((string)trigger["methods"]!.AsArray().Single()!).ToUpperInvariant()} /api/{trigger["route"]}"
                : $"POST /{function.Name}";

        Assert.Equal(told.Order(), served.Order());
    }

    [Fact]
    public void HttpFunctions_CanBeProxied()
    {
        // The host proxies only what has exactly one input and one output.
        var http = Functions.Where(function => (string?)function.Bindings[0]["type"] == "httpTrigger").ToArray();

        Assert.NotEmpty(http);
        Assert.All(http, function => Assert.Equal(["httpTrigger", "http"], function.Bindings.Select(binding => (string?)binding["type"])));
        Assert.Equal(
            ["Health", "OpenApi"],
            http.Where(function => (string?)function.Bindings[0]["authLevel"] != "function").Select(function => function.Name).Order());
    }

    [Fact]
    public void QueueFunctions_ReadQueuesThatThereAre()
    {
        var queues = Functions.Select(function => function.Bindings[0]).Where(trigger => (string?)trigger["type"] == "queueTrigger").ToArray();

        Assert.Equal(2, queues.Length);
        Assert.All(queues, trigger => Assert.Contains((string)trigger["queueName"]!, StoragePaths.Queues));
        Assert.All(queues, trigger => Assert.Equal(StorageOptions.Connection, (string?)trigger["connection"]));
    }

    [Fact]
    public void Host_StartsWhatWasBuilt()
    {
        var host = JsonNode.Parse(File.ReadAllText(Path.Combine(AppFolder, "host.json")))!;
        var description = host["customHandler"]!["description"]!;

        Assert.Equal("dotnet", (string?)description["defaultExecutablePath"]);
        Assert.True(File.Exists(Path.Combine(AppFolder, (string)description["arguments"]![0]!)));
        Assert.True((bool)host["customHandler"]!["enableProxyingHttpRequest"]!);
    }
}

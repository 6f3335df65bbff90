using System.Text.Json.Nodes;
using Imagic.Functions.Tests.IsolatedWorker;
using Imagic.Tests;

namespace Imagic.Functions.Tests;

/// <summary>What the host is told of the functions.</summary>
public class FunctionMetadataTests(AzuriteFixture azurite)
{
    [Fact]
    public async Task Functions_ThatTheWorkerTells_AreThoseOfTheOutput()
    {
        await using var app = await FunctionApp.StartAsync(azurite);
        var functions = JsonNode.Parse(File.ReadAllText(Path.Combine(FunctionsHost.AppFolder, "functions.metadata")))!.AsArray();

        Assert.Equal(
            functions.Select(function => Describe((string)function!["name"]!, function["bindings"]![0]!)).Order(),
            app.Host.Functions.Select(function => Describe(function.Name, JsonNode.Parse(function.RawBindings[0])!)).Order());
    }

    [Fact]
    public async Task Functions_NeedAKeyButHealthAndDescription()
    {
        await using var app = await FunctionApp.StartAsync(azurite);
        var levels = app.Host.Functions.Select(function => (function.Name, Trigger: JsonNode.Parse(function.RawBindings[0])!))
            .Where(function => (string?)function.Trigger["type"] == "httpTrigger").ToLookup(function => (string?)function.Trigger["authLevel"], function => function.Name);

        Assert.Equal(["Health", "OpenApi"], levels["Anonymous"].Order());
        Assert.Equal(8, levels["Function"].Count());
    }

    [Fact]
    public async Task Queues_AreReadOverTheConnectionOfTheApp()
    {
        await using var app = await FunctionApp.StartAsync(azurite);
        var triggers = app.Host.Functions.Select(function => JsonNode.Parse(function.RawBindings[0])!)
            .Where(trigger => (string?)trigger["type"] == "queueTrigger").ToDictionary(trigger => (string)trigger["queueName"]!);

        Assert.Equal(["storage-events", "storage-events-poison"], triggers.Keys.Order());
        Assert.All(triggers.Values, trigger => Assert.Equal("ImagicStorage", (string?)trigger["connection"]));
    }

    [Fact]
    public void Output_IsAnAppForTheHost()
    {
        var worker = JsonNode.Parse(File.ReadAllText(Path.Combine(FunctionsHost.AppFolder, "worker.config.json")))!["description"]!;

        Assert.True(File.Exists(Path.Combine(FunctionsHost.AppFolder, "host.json")));
        Assert.Equal("dotnet-isolated", (string?)worker["language"]);
        Assert.True(File.Exists(Path.Combine(FunctionsHost.AppFolder, (string)worker["defaultWorkerPath"]!)));
    }

    private static string Describe(string function, JsonNode trigger)
    {
        var methods = string.Join(',', trigger["methods"]?.AsArray().Select(method => (string?)method) ?? []);
        return $"{function} {trigger["name"]}: {trigger["type"]} {trigger["authLevel"]} [{methods}] {trigger["route"]}{trigger["queueName"]} {trigger["connection"]}";
    }
}

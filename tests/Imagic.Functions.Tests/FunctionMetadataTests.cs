using System.Text.Json.Nodes;
using Imagic.LocalHost.FunctionRpc;
using Imagic.Tests;

namespace Imagic.Functions.Tests;

/// <summary>What the host is told of the functions: by the file of the build, in Azure, and by the worker itself.</summary>
public class FunctionMetadataTests(AzuriteFixture azurite)
{
    // Name and trigger of each function.
    private static readonly (string Name, JsonNode Trigger)[] Built =
    [
        .. from function in JsonNode.Parse(File.ReadAllText(Path.Combine(FunctionsHost.AppFolder, "functions.metadata")))!.AsArray()
           select ((string)function["name"]!, function["bindings"]![0]!),
    ];

    [Fact]
    public async Task Functions_ThatTheWorkerTells_AreThoseOfTheBuild()
    {
        await using var app = await FunctionApp.StartAsync(azurite);

        Assert.Equal(
            from function in Built
            let methods = string.Join(',', function.Trigger["methods"]?.AsArray().Select(method => (string?)method) ?? [])
            select $"{function.Name} {function.Trigger["name"]}: [{methods}] {function.Trigger["route"]}{function.Trigger["queueName"]}{function.Trigger["schedule"]}" into told
            orderby told
            select told,
            from function in app.Host.Functions
            select $"{function.Name} {function.Input}: " + function switch
            {
                HttpFunction http => $"[{string.Join(',', http.Methods)}] {http.Route}",
                QueueFunction queue => $"[] {queue.Queue}",
                TimerFunction timer => $"[] {timer.Schedule}",
                _ => "",
            } into told
            orderby told
            select told);
    }

    [Fact]
    public void Functions_NeedAKeyButHealthDescriptionAndPage()
    {
        var levels = Built.Where(function => (string?)function.Trigger["type"] == "httpTrigger")
            .ToLookup(function => (string?)function.Trigger["authLevel"], function => function.Name);

        Assert.Equal(["Health", "OpenApi", "Studio", "StudioFile"], levels["Anonymous"].Order());
        Assert.Equal(21, levels["Function"].Count());
    }

    [Fact]
    public void Routes_BeginAsTheDocumentsSay() =>
        // host.json has no prefix, since two routes are given by others and the page is at the root.
        Assert.All(
            Built.Where(function => (string?)function.Trigger["type"] == "httpTrigger"),
            function => Assert.Matches(@"\A(api/.+|v1/images/edits|mcp|studio/.+|\{ignored:maxlength\(0\)\?\})\z", (string)function.Trigger["route"]!));

    [Fact]
    public void Queues_AreReadOverTheConnectionOfTheApp()
    {
        var triggers = Built.Select(function => function.Trigger).Where(trigger => (string?)trigger["type"] == "queueTrigger")
            .ToDictionary(trigger => (string)trigger["queueName"]!);

        Assert.Equal(["storage-events", "storage-events-poison", "webhooks"], triggers.Keys.Order());
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
}

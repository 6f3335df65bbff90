using System.Text.Json.Nodes;
using Imagic.Tests;

namespace Imagic.Functions.Tests.IsolatedWorker;

/// <summary>The host is told the same of either front end: what is generated here is what the files <c>function.json</c> say.</summary>
public class FunctionMetadataTests
{
    private static IEnumerable<string> OfFiles =>
        from file in Directory.EnumerateFiles(
            Path.Combine(RepositoryFiles.Root, "functions", "Imagic.Functions"), "function.json", SearchOption.AllDirectories)
        select Describe(
            Path.GetFileName(Path.GetDirectoryName(file)!), JsonNode.Parse(File.ReadAllText(file))!["bindings"]![0]!);

    [Fact]
    public void Metadata_InTheOutput_IsThatOfTheFiles()
    {
        var functions = JsonNode.Parse(File.ReadAllText(Path.Combine(FunctionApp.Folder, "functions.metadata")))!.AsArray();

        Assert.Equal(
            OfFiles.Order(), functions.Select(function => Describe((string)function!["name"]!, Assert.Single(function["bindings"]!.AsArray())!)).Order());
    }

    [Fact]
    public void Output_HasNothingOfACustomHandler()
    {
        var host = JsonNode.Parse(File.ReadAllText(Path.Combine(FunctionApp.Folder, "host.json")))!;
        var worker = JsonNode.Parse(File.ReadAllText(Path.Combine(FunctionApp.Folder, "worker.config.json")))!["description"]!;

        Assert.Null(host["customHandler"]);
        Assert.Empty(Directory.EnumerateFiles(FunctionApp.Folder, "function.json", SearchOption.AllDirectories));
        Assert.Equal("dotnet-isolated", (string?)worker["language"]);
        Assert.True(File.Exists(Path.Combine(FunctionApp.Folder, (string)worker["defaultWorkerPath"]!)));
    }

    private static string Describe(string function, JsonNode trigger)
    {
        // Enumerations are spelled with a capital in one of them.
        string Word(string member) => ((string?)trigger[member])?.ToLowerInvariant() ?? "-";
        var methods = string.Join(',', trigger["methods"]?.AsArray().Select(method => (string?)method) ?? []);
        return $"{function} {trigger["name"]}: {trigger["type"]} {Word("direction")} {Word("authLevel")} [{methods}] {trigger["route"]}"
            + $"{trigger["queueName"]} {trigger["connection"]}";
    }
}

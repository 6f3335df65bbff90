using System.Text.Json;
using Imagic.Contracts;
using Imagic.Imaging;
using Imagic.Tests;

namespace Imagic.Cli.Tests.Batch;

[Collection(RunningEnvironmentTests.Name)]
public class BatchCommandTests(RunningEnvironment environment)
{
    private const string Settings = """{"optimize":{"steps":2},"fineTune":{"steps":2},"steps":2,"seeds":[1],"etas":[0.5],"blends":[1]}""";

    [Fact]
    public async Task Batch_WithOneBadLine_EditsTheOthersAndNamesIt()
    {
        using var folder = new TemporaryFolder();
        var samples = Path.Combine(RepositoryFiles.Model("emoji-64"), "samples");
        Directory.CreateDirectory(Path.Combine(folder.Path, "pets"));
        File.Copy(Path.Combine(samples, "cat-face.png"), Path.Combine(folder.Path, "pets", "cat.png"));
        File.Copy(Path.Combine(samples, "red-heart.png"), Path.Combine(folder.Path, "heart.jfif"));
        var manifest = Path.Combine(folder.Path, "mixed.jsonl");
        await File.WriteAllTextAsync(
            manifest,
            $$$"""
            {"source":"pets/cat.png","targetText":"an angry cat","settings":{{{Settings}}}}
            {"source":"heart.jfif","targetText":"a green heart","settings":{"steps":0}}
            {"source":"heart.jfif","targetText":"a green heart","settings":{{{Settings}}}}
            """,
            TestContext.Current.CancellationToken);
        var output = Path.Combine(folder.Path, "out");

        var end = await ImagicProcess.RunAsync("batch", manifest, "--out", output, "--server", environment.Server);
        var again = await ImagicProcess.RunAsync("batch", manifest, "--out", output, "--server", environment.Server);

        Assert.Equal(("", 4), (end.Error, end.ExitCode));
        Assert.Contains("line 2 was rejected: The sampling steps must lie in 1 to 1000.", end.Output, StringComparison.Ordinal);
        Assert.Contains("2 edited, 0 failed, 0 cancelled, 1 rejected", end.Output, StringComparison.Ordinal);
        foreach (var name in new[] { "pictures/001-cat.png", "pictures/003-heart.png", "contact-sheet.png" })
            ImageCodec.Decode(await File.ReadAllBytesAsync(Path.Combine(output, name), TestContext.Current.CancellationToken), ImageLimits.Default);
        var summary = JsonSerializer.Deserialize(
            await File.ReadAllBytesAsync(Path.Combine(output, "summary.json"), TestContext.Current.CancellationToken), ContractsJsonContext.Default.BatchSummary);
        Assert.Equal([1, 3], summary!.Edits.Select(line => line.Line));
        Assert.Contains("was done before", again.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Batch_WithSomethingUnusable_SaysWhatAndWritesNothing()
    {
        using var folder = new TemporaryFolder();
        var output = Path.Combine(folder.Path, "out");

        var missing = await ImagicProcess.RunAsync("batch", Path.Combine(folder.Path, "none.jsonl"), "--out", output, "--server", environment.Server);
        await File.WriteAllTextAsync(Path.Combine(folder.Path, "some.csv"), "source,targetText\na.png,b\n", TestContext.Current.CancellationToken);
        var server = await ImagicProcess.RunAsync("batch", Path.Combine(folder.Path, "some.csv"), "--out", output, "--server", "nonsense");

        Assert.Equal((2, 2), (missing.ExitCode, server.ExitCode));
        Assert.Contains("There is no manifest", missing.Error, StringComparison.Ordinal);
        Assert.Contains("--server takes an address", server.Error, StringComparison.Ordinal);
        Assert.False(Directory.Exists(output));
    }
}

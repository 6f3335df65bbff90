using System.Text.RegularExpressions;
using Imagic.Tests;

namespace Imagic.Cli.Tests.Edit;

[Collection(RunningEnvironmentTests.Name)]
public class PipelineEditTests(RunningEnvironment environment)
{
    private static readonly string Heart = Path.Combine(RepositoryFiles.Model("emoji-64"), "samples", "red-heart.png");

    private static readonly string[] Short =
        ["--optimize-steps", "3", "--steps", "2", "--seeds", "1,2", "--eta", "0.5", "--blend", "1,0.5", "--finetune-steps", "3"];

    private string[] There => ["--model", RunningEnvironment.Model, "--server", environment.Server];

    private static string[] Here => ["--model", RepositoryFiles.Fixture(RunningEnvironment.Model), "--direct", "--threads", "1"];

    [Fact]
    public async Task Edit_ThroughThePipeline_GivesTheBytesOfDirectAndIsFoundAgain()
    {
        using var direct = new TemporaryFolder();
        using var first = new TemporaryFolder();
        using var second = new TemporaryFolder();
        string[] command = ["edit", Heart, "a green heart", .. Short, "--out"];

        var there = await ImagicProcess.RunAsync([.. command, first.Path, .. There]);
        var here = await ImagicProcess.RunAsync([.. command, direct.Path, .. Here]);
        var again = await ImagicProcess.RunAsync([.. command, second.Path, .. There]);

        Assert.Equal((0, "", 0, 0), (there.ExitCode, there.Error, here.ExitCode, again.ExitCode));
        Assert.Equal(await EditResults.HashesAsync(direct.Path), await EditResults.HashesAsync(first.Path));
        Assert.Equal(await EditResults.HashesAsync(direct.Path), await EditResults.HashesAsync(second.Path));
        Assert.Equal(Files(direct.Path), Files(first.Path));
        Assert.Contains("3/3 sample the pictures: done", there.Output, StringComparison.Ordinal);
        Assert.Contains("was done before", again.Output, StringComparison.Ordinal);
        Assert.Equal(LastLines(here, direct), LastLines(there, first));
    }

    [Fact]
    public async Task Edit_InterruptedByCtrlC_LeavesTheEditRunningUntilItIsCancelled()
    {
        using var folder = new TemporaryFolder();
        string[] command = ["edit", Heart, "a heart of stone", .. Short[..^1], "12000", "--out", folder.Path, .. There];

        using var process = ImagicProcess.Run(command);
        await process.WaitForLineAsync(line => line.StartsWith("2/3", StringComparison.Ordinal));
        await process.SignalAsync("INT");
        var stopped = await process.EndAsync();

        Assert.Equal(130, stopped.ExitCode);
        var id = Regex.Match(stopped.Output, @"imagic cancel (?<id>cli-\w+) --server", RegexOptions.None, TimeSpan.FromSeconds(1)).Groups["id"].Value;
        var status = await ImagicProcess.RunAsync("status", id, "--server", environment.Server);
        Assert.Matches($@"^{id}: running\n  text      a heart of stone\n[\s\S]*finetune  step \d+ of 12000, ", status.Output);

        using var follower = ImagicProcess.Run(command);
        await follower.WaitForLineAsync(line => line.StartsWith("2/3", StringComparison.Ordinal));
        var cancel = await ImagicProcess.RunAsync("cancel", id, "--server", environment.Server);
        Assert.Equal((0, $"{id} ends at its next step.\n"), (cancel.ExitCode, cancel.Output));
        var ended = await follower.EndAsync();
        Assert.Equal((4, "imagic: The edit was cancelled.\n"), (ended.ExitCode, ended.Error));

        var list = await ImagicProcess.RunAsync("status", "--server", environment.Server);
        Assert.Matches($"{id} +cancelled", list.Output);
    }

    [Fact]
    public async Task Edit_ThatDiverges_TellsTheReasonAndIsTriedAnewByTheSameCommand()
    {
        using var folder = new TemporaryFolder();
        // Far beyond what the weights stand.
        string[] command = ["edit", Heart, "a heart", .. Short[..^1], "60", "--finetune-lr", "1", "--out", folder.Path, .. There];

        var first = await ImagicProcess.RunAsync(command);
        var second = await ImagicProcess.RunAsync(command);

        Assert.Equal((4, 4), (first.ExitCode, second.ExitCode));
        Assert.Contains("learning rate", first.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("was done before", second.Output, StringComparison.Ordinal);
        Assert.Equal(first.Error, second.Error);
    }

    [Fact]
    public async Task Edit_WithAModelThatTheServerLacks_SaysWhichThereAre()
    {
        using var folder = new TemporaryFolder();

        var end = await ImagicProcess.RunAsync(["edit", Heart, "a dog", "--model", "nothing", "--out", Path.Combine(folder.Path, "results"), "--server", environment.Server]);

        Assert.Equal((2, "imagic: There is no model 'nothing' here. There are: sd1-micro.\n"), (end.ExitCode, end.Error));
        Assert.Empty(Directory.EnumerateFileSystemEntries(folder.Path));
    }

    [Theory]
    [InlineData("There is no edit 'cli-nothing'", "status", "cli-nothing")]
    [InlineData("There is no edit 'cli-nothing'", "cancel", "cli-nothing")]
    [InlineData("'NOTHING' is no edit id", "status", "NOTHING")]
    public async Task Edit_ThatIsNotThere_IsNamed(string sentence, params string[] command)
    {
        var end = await ImagicProcess.RunAsync([.. command, "--server", environment.Server]);

        Assert.Equal(2, end.ExitCode);
        Assert.Contains(sentence, end.Error, StringComparison.Ordinal);
    }

    // Of results: checkpoints stay where the edit was computed, and short edits have no previews.
    private static string[] Files(string folder) =>
        [.. Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).Select(path => Path.GetRelativePath(folder, path)).Where(path => !path.StartsWith("work", StringComparison.Ordinal)).Order(StringComparer.Ordinal)];

    private static string[] LastLines(ProcessEnd end, TemporaryFolder folder) =>
        [.. end.Output.TrimEnd().Split('\n')[^3..].Select(line => line.Replace(folder.Path, "", StringComparison.Ordinal))];
}

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

    [Theory]
    [InlineData("sdedit", "--eta", "0.5")]
    [InlineData("ddib", "--negative", "a red heart")]
    public async Task Edit_ByAMethodThatTunesNothing_GivesTheBytesOfDirect_AndNothingToExport(string method, string option, string value)
    {
        using var first = new TemporaryFolder();
        using var direct = new TemporaryFolder();
        string[] command = ["edit", Heart, "a green heart", "--method", method, "--steps", "3", "--seeds", "2", option, value, "--out"];

        var there = await ImagicProcess.RunAsync([.. command, first.Path, .. There]);
        var here = await ImagicProcess.RunAsync([.. command, direct.Path, .. Here]);
        var exported = await ImagicProcess.RunAsync("export", direct.Path, "--lora", "--out", Path.Combine(first.Path, "lora.safetensors"));

        Assert.Equal((0, "", 0, ""), (there.ExitCode, there.Error, here.ExitCode, here.Error));
        Assert.Equal(await EditResults.HashesAsync(direct.Path), await EditResults.HashesAsync(first.Path));
        Assert.Contains("1/1 sample the pictures: done", there.Output, StringComparison.Ordinal);
        Assert.Equal(2, exported.ExitCode);
        Assert.Contains($"was made by method {method}, which tunes nothing", exported.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Edit_FromAnother_SamplesItsTuningOnly()
    {
        using var first = new TemporaryFolder();
        using var second = new TemporaryFolder();
        using var whole = new TemporaryFolder();
        string[] server = ["--server", environment.Server];
        var edited = await ImagicProcess.RunAsync(["edit", Heart, "a blue heart", .. Short, "--out", first.Path, .. There]);
        var id = Regex.Match((await ImagicProcess.RunAsync("status", "--server", environment.Server)).Output, @"(?<id>cli-\w+).*a blue heart", RegexOptions.None, TimeSpan.FromSeconds(1)).Groups["id"].Value;

        var sampled = await ImagicProcess.RunAsync(["edit", "--from", id, "--eta", "0.25", "--out", second.Path, .. server]);
        var refused = await ImagicProcess.RunAsync(["edit", "--from", id, "--finetune-steps", "9", "--out", second.Path, .. server]);
        var expected = await ImagicProcess.RunAsync(["edit", Heart, "a blue heart", .. Short.Select(word => word == "0.5" ? "0.25" : word), "--out", whole.Path, .. Here]);

        Assert.Equal((0, "", 0, "", 0), (edited.ExitCode, edited.Error, sampled.ExitCode, sampled.Error, expected.ExitCode));
        Assert.Equal(await EditResults.HashesAsync(whole.Path), await EditResults.HashesAsync(second.Path));
        Assert.Contains("2/3 fine-tune the model: already done", sampled.Output, StringComparison.Ordinal);
        Assert.Equal(2, refused.ExitCode);
        Assert.Contains("belongs to the tuning", refused.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Rm_OfEditsAtWorkAndEnded_ReturnsWhenTheyAreGone()
    {
        using var folder = new TemporaryFolder();
        var id = (Func<string, string>)(output => Regex.Match(output, @"cli-\w+", RegexOptions.None, TimeSpan.FromSeconds(1)).Value);
        using var process = ImagicProcess.Run(["edit", Heart, "a heart of glass", .. Short[..^1], "12000", "--out", folder.Path, .. There]);
        await process.WaitForLineAsync(line => line.StartsWith("2/3", StringComparison.Ordinal));
        await process.SignalAsync("INT");
        var running = id((await process.EndAsync()).Output);

        var gone = await ImagicProcess.RunAsync("rm", running, "never-there", "--server", environment.Server);
        var status = await ImagicProcess.RunAsync("status", running, "--server", environment.Server);
        var none = await ImagicProcess.RunAsync("rm", "--server", environment.Server);

        Assert.Equal((0, $"{running} is gone.\nnever-there is gone.\n", ""), (gone.ExitCode, gone.Output, gone.Error));
        Assert.Contains("There is no edit", status.Error, StringComparison.Ordinal);
        Assert.Equal((2, "imagic: rm takes the ids of edits, or --batch with the name of a batch.\n"), (none.ExitCode, none.Error));
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

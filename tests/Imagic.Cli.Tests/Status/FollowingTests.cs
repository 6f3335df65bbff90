using System.Text.RegularExpressions;
using Imagic.LocalHost.Azurite;
using Imagic.Tests;

namespace Imagic.Cli.Tests.Status;

/// <summary>What is done with an edit that was started before: list, watch, open.</summary>
[Collection(RunningEnvironmentTests.Name)]
public class FollowingTests(RunningEnvironment environment)
{
    private static readonly string Heart = Path.Combine(RepositoryFiles.Model("emoji-64"), "samples", "red-heart.png");

    private static readonly string[] Short = ["--optimize-steps", "3", "--steps", "2", "--seeds", "1", "--eta", "0.5", "--blend", "1", "--finetune-steps"];

    private string[] There => ["--server", environment.Server];

    [Fact]
    public async Task AnEditUnderWay_IsWatchedAndListedUntilItIsCancelled()
    {
        using var folder = new TemporaryFolder();
        using var starter = ImagicProcess.Run(["edit", Heart, "a heart of tin", .. Short, "12000", "--out", folder.Path, "--model", RunningEnvironment.Model, .. There]);
        await starter.WaitForLineAsync(line => line.StartsWith("2/3", StringComparison.Ordinal));
        await starter.SignalAsync("INT");
        var id = IdIn((await starter.EndAsync()).Output, @"imagic cancel (?<id>cli-\w+) --server");

        using var left = ImagicProcess.Run(["watch", id, .. There]);
        await left.WaitForLineAsync(line => line.StartsWith("2/3", StringComparison.Ordinal));
        await left.SignalAsync("INT");
        var stopped = await left.EndAsync();
        Assert.Equal((130, ""), (stopped.ExitCode, stopped.Error));
        Assert.Contains($"imagic cancel {id} --server {environment.Server}\n", stopped.Output, StringComparison.Ordinal);

        var open = await ImagicProcess.RunAsync(["open", id, .. There]);
        Assert.Equal((2, ""), (open.ExitCode, open.Output));
        Assert.Matches($"^imagic: {id} has not ended and has no report yet. .*imagic watch {id} --server {environment.Server}\n$", open.Error);
        Assert.Matches($"(?m)^{id} +running +finetune [0-9]+/12000 ", (await ImagicProcess.RunAsync(["list", "--state", "running", .. There])).Output);
        Assert.DoesNotContain(id, (await ImagicProcess.RunAsync(["list", "--state", "succeeded", .. There])).Output, StringComparison.Ordinal);

        using var watch = ImagicProcess.Run(["watch", id, .. There]);
        await watch.WaitForLineAsync(line => line.StartsWith("2/3", StringComparison.Ordinal));
        await ImagicProcess.RunAsync(["cancel", id, .. There]);
        var ended = await watch.EndAsync();
        Assert.Equal((4, "imagic: The edit was cancelled.\n"), (ended.ExitCode, ended.Error));
        var gone = await ImagicProcess.RunAsync(["open", id, .. There]);
        Assert.Equal(2, gone.ExitCode);
        Assert.StartsWith($"imagic: {id} has cancelled and has no report.", gone.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AnEditThatSucceeded_IsListedFetchedShownAndOpened()
    {
        using var edited = new TemporaryFolder();
        using var fetched = new TemporaryFolder();
        using var home = new TemporaryFolder();
        var edit = await ImagicProcess.RunAsync(["edit", Heart, "a heart of ice", .. Short, "3", "--out", edited.Path, "--model", RunningEnvironment.Model, .. There]);
        Assert.Equal((0, ""), (edit.ExitCode, edit.Error));
        Assert.DoesNotContain('\e', edit.Output);

        var list = await ImagicProcess.RunAsync(["list", "--limit", "50", .. There]);
        var id = IdIn(list.Output, @"(?<id>cli-\w+) +succeeded .*a heart of ice");
        Assert.Equal(IdsIn(list.Output), IdsIn((await ImagicProcess.RunAsync(["status", "--limit", "50", .. There])).Output));

        var watch = await ImagicProcess.RunAsync(["watch", id, .. There]);
        Assert.Equal((0, ""), (watch.ExitCode, watch.Error));
        Assert.Contains($"{id} had ended before.\n{id} has succeeded.", watch.Output, StringComparison.Ordinal);

        string[] fetch = ["watch", id, "--out", fetched.Path, .. There];
        Assert.Contains("\e_Ga=T,f=100,q=2,c=20,m=", await InTerminalAsync("xterm-kitty", fetch), StringComparison.Ordinal);
        Assert.Contains("\eP0;1;0q\"1;1;200;200#", await InTerminalAsync("foot", fetch), StringComparison.Ordinal);
        foreach (var plain in new[] { await InTerminalAsync("xterm-256color", fetch), await InTerminalAsync("xterm-kitty", [.. fetch, "--no-pictures"]) })
        {
            Assert.Contains("suggested picture", plain, StringComparison.Ordinal);
            Assert.DoesNotMatch("\e[_P]", plain);
        }

        Assert.Equal(await EditResults.HashesAsync(edited.Path), await EditResults.HashesAsync(fetched.Path));

        var report = await File.ReadAllBytesAsync(Path.Combine(edited.Path, "report.html"), TestContext.Current.CancellationToken);
        var shown = await OpenAsync(id, home, ("BROWSER", "cp -- %s " + Path.Combine(home.Path, "shown.html")));
        Assert.StartsWith("Opened ", shown, StringComparison.Ordinal);
        Assert.Equal(report, await File.ReadAllBytesAsync(Path.Combine(home.Path, "shown.html"), TestContext.Current.CancellationToken));

        foreach (var browser in new[] { "", "no-such-browser", "false" })
        {
            var file = (await OpenAsync(id, home, ("BROWSER", browser))).TrimEnd();
            Assert.StartsWith(home.Path, file, StringComparison.Ordinal);
            Assert.Equal(report, await File.ReadAllBytesAsync(file, TestContext.Current.CancellationToken));
        }
    }

    [Fact]
    public async Task Open_WithoutAnEdit_OpensThePage()
    {
        using var home = new TemporaryFolder();

        Assert.Equal($"{environment.Server}\nOpened {environment.Server}\n", await OpenAsync(null, home, ("BROWSER", "echo")));
        Assert.Equal($"{environment.Server}\n", await OpenAsync(null, home, ("BROWSER", "")));
    }

    [Fact]
    public async Task Open_WithoutAPipeline_SaysHowToStartOne()
    {
        var nowhere = $"http://127.0.0.1:{AzuriteProcess.FreePort()}";

        var end = await ImagicProcess.RunAsync(["open", "--server", nowhere]);

        Assert.Equal((2, $"imagic: No Imagic answers at {nowhere}. Start it with './imagic up', or name another with --server.\n"), (end.ExitCode, end.Error));
    }

    [Theory]
    [InlineData("There is no edit 'cli-nothing'", "watch", "cli-nothing")]
    [InlineData("There is no edit 'cli-nothing'", "open", "cli-nothing")]
    [InlineData("'NOTHING' is no edit id", "watch", "NOTHING")]
    [InlineData("--limit takes a number from 1", "list", "--limit", "0")]
    [InlineData("--state takes queued", "list", "--state", "lost")]
    public async Task WhatCannotBeUsed_IsNamed(string sentence, params string[] command)
    {
        var end = await ImagicProcess.RunAsync([.. command, .. There]);

        Assert.Equal(2, end.ExitCode);
        Assert.Contains(sentence, end.Error, StringComparison.Ordinal);
    }

    private async Task<string> OpenAsync(string? id, TemporaryFolder home, params (string Name, string Value)[] variables)
    {
        var environmentOf = new Dictionary<string, string> { ["TMPDIR"] = home.Path, ["DISPLAY"] = "", ["WAYLAND_DISPLAY"] = "" };
        foreach (var (name, value) in variables) environmentOf[name] = value;
        using var process = ImagicProcess.Run(environmentOf, ["open", .. id is null ? [] : new[] { id }, .. There]);
        var end = await process.EndAsync();
        Assert.Equal((0, ""), (end.ExitCode, end.Error));
        return end.Output;
    }

    private static async Task<string> InTerminalAsync(string term, string[] arguments)
    {
        var variables = new Dictionary<string, string> { ["TERM"] = term };
        foreach (var name in new[] { "CI", "TF_BUILD", "GITHUB_ACTIONS", "NO_COLOR", "TMUX", "STY", "ZELLIJ", "TERM_PROGRAM", "KITTY_WINDOW_ID", "LC_TERMINAL" }) variables[name] = "";
        using var process = ImagicProcess.RunInTerminal(variables, arguments);
        var end = await process.EndAsync();
        Assert.Equal(0, end.ExitCode);
        return end.Output;
    }

    private static string IdIn(string output, string pattern) => Regex.Match(output, pattern, RegexOptions.None, TimeSpan.FromSeconds(1)).Groups["id"].Value;

    private static string[] IdsIn(string output) => [.. Regex.Matches(output, @"(?m)^cli-\w+", RegexOptions.None, TimeSpan.FromSeconds(1)).Select(match => match.Value)];
}

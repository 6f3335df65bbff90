namespace Imagic.Cli.Tests;

public class CommandLineTests
{
    [Fact]
    public async Task Help_FitsOneScreen()
    {
        var end = await ImagicProcess.RunAsync("--help");

        var lines = end.Output.TrimEnd().Split('\n');
        Assert.Equal((0, ""), (end.ExitCode, end.Error));
        // And the prompt after it.
        Assert.True(lines.Length <= 23, end.Output);
        Assert.All(lines, line => Assert.True(line.Length <= 80, line));
        var commands = lines.SkipWhile(line => line != "Commands:").Skip(1).Where(line => line.Length > 0).Select(line => line.Trim().Split(' ')[0]);
        Assert.Equal(["edit", "batch", "list", "status", "watch", "open", "cancel", "rm", "resume", "poison", "export", "verify", "models", "webhooks", "up", "worker"], commands);
    }
}

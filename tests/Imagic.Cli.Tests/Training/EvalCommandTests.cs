using Imagic.Tests;

namespace Imagic.Cli.Tests.Training;

public class EvalCommandTests
{
    [Theory]
    [InlineData("imagic dataset", "--data", "none")]
    [InlineData("e.g. 2/4", "--shard", "5/4")]
    [InlineData("strengths above 0", "--sdedit", "0.5,1.5")]
    public async Task Eval_WithWhatItCannotUse_SaysWhatToDo(string expected, params string[] arguments)
    {
        using var folder = new TemporaryFolder();

        var end = await ImagicProcess.RunAsync(["eval", "--out", folder.Path, .. arguments]);

        Assert.NotEqual(0, end.ExitCode);
        Assert.Contains(expected, end.Error, StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateFileSystemEntries(folder.Path));
    }
}

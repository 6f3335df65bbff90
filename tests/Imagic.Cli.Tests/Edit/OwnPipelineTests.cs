using Imagic.Tests;

namespace Imagic.Cli.Tests.Edit;

public class OwnPipelineTests
{
    private static readonly string Heart = Path.Combine(RepositoryFiles.Model("emoji-64"), "samples", "red-heart.png");

    [Fact]
    public async Task Edit_WithAPipelineOfItsOwn_InterruptedByCtrlC_GoesOnToTheSameBytes()
    {
        using var whole = new TemporaryFolder();
        using var pieces = new TemporaryFolder();
        using var place = new EnvironmentPlace();
        string[] command =
        [
            "edit", Heart, "a green heart", "--model", RepositoryFiles.Fixture("sd1-micro"), "--optimize-steps", "3", "--finetune-steps", "300", "--steps", "2", "--seeds", "1", "--eta", "0.5", "--blend", "1", "--threads", "1", "--out",
        ];
        using var process = ImagicProcess.Run([.. command, pieces.Path, .. place.Arguments]);
        await process.WaitForLineAsync(line => line.StartsWith("2/3", StringComparison.Ordinal));
        await process.SignalAsync("INT");
        var stopped = await process.EndAsync();

        Assert.Equal(130, stopped.ExitCode);
        Assert.Matches("Stopped in stage finetune after step [0-9]+; the same command goes on from there.", stopped.Output);
        Assert.Empty(place.Processes());

        var end = await ImagicProcess.RunAsync([.. command, pieces.Path, .. place.Arguments]);
        Assert.Equal((0, ""), (end.ExitCode, end.Error));
        Assert.Contains("1/3 optimize the embedding: already done", end.Output, StringComparison.Ordinal);
        Assert.Empty(place.Processes());
        Assert.Equal(0, (await ImagicProcess.RunAsync([.. command, whole.Path, "--direct"])).ExitCode);
        Assert.Equal(await EditResults.HashesAsync(whole.Path), await EditResults.HashesAsync(pieces.Path));
    }
}

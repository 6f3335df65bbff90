using System.Text.Json;
using Imagic.Imaging;
using Imagic.Tests;

namespace Imagic.Cli.Tests.Edit;

public class EditCommandTests
{
    private static readonly string Heart = Path.Combine(RepositoryFiles.Model("emoji-64"), "samples", "red-heart.png");

    // For tests that look at the course of an edit, not at its pictures.
    private static readonly string[] Micro = ["--model", RepositoryFiles.Fixture("sd1-micro")];

    // Ends with the option whose number each test gives.
    private static readonly string[] Short =
    [
        "--optimize-steps", "4", "--steps", "3", "--seeds", "1,2", "--eta", "0.5,1", "--blend", "1,0.5", "--preview", "2", "--finetune-steps",
    ];

    [Fact]
    public async Task Edit_LeavesEverythingThatAPersonLooksAt()
    {
        using var folder = new TemporaryFolder();
        using var place = new EnvironmentPlace();

        var end = await ImagicProcess.RunAsync(["edit", Heart, "a green heart", "--threads", "1", "--out", folder.Path, .. Short, "4", .. place.Arguments]);

        Assert.Empty(place.Processes());

        Assert.Equal((0, ""), (end.ExitCode, end.Error));
        Assert.Contains("3/3", end.Output, StringComparison.Ordinal);
        foreach (var name in new[] { "edited.png", "grid.png", "source.png", "pictures/seed2-eta0.50-blend1.00.png", "previews/finetune-00004.png" })
        {
            var image = ImageCodec.Decode(await ReadAsync(folder, name), ImageLimits.Default);
            Assert.True(name == "grid.png" ? image.Width > 500 : (image.Width, image.Height) == (64, 64), name);
        }

        using var record = JsonDocument.Parse(await ReadAsync(folder, "edit.json"));
        Assert.Equal("a green heart", record.RootElement.GetProperty("settings").GetProperty("targetText").GetString());
        Assert.Equal(12, record.RootElement.GetProperty("pictures").GetArrayLength());
        Assert.Equal(4, record.RootElement.GetProperty("stages")[0].GetProperty("losses").GetArrayLength());
        var report = await File.ReadAllTextAsync(Path.Combine(folder.Path, "report.html"), TestContext.Current.CancellationToken);
        Assert.Contains("<h1>a green heart</h1>", report, StringComparison.Ordinal);
        Assert.DoesNotContain("http", report, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Edit_IntoAFolderThatCannotBeWritten_SaysWhichAndExitsWith75()
    {
        var end = await ImagicProcess.RunAsync(["edit", Heart, "a green heart", "--direct", .. Micro, .. Short, "4", "--out", "/dev/null/folder/edit"]);

        Assert.Equal(75, end.ExitCode);
        Assert.StartsWith("imagic: The disk of this machine cannot be used in the folder /dev/null/folder:", end.Error, StringComparison.Ordinal);
        Assert.Contains("Make room there", end.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Edit_InterruptedByCtrlC_LeavesACheckpointAndGoesOnToTheSameBytes()
    {
        using var whole = new TemporaryFolder();
        using var pieces = new TemporaryFolder();
        string[] command = ["edit", Heart, "a green heart", "--direct", "--threads", "2", .. Micro, .. Short, "300", "--out"];
        await ImagicProcess.RunAsync([.. command, whole.Path]);

        using var process = ImagicProcess.Run([.. command, pieces.Path]);
        await process.WaitForLineAsync(line => line.StartsWith("2/3", StringComparison.Ordinal));
        await process.SignalAsync("INT");
        var stopped = await process.EndAsync();
        Assert.Equal(130, stopped.ExitCode);
        Assert.Contains("goes on from there", stopped.Output, StringComparison.Ordinal);

        var end = await ImagicProcess.RunAsync([.. command, pieces.Path]);
        Assert.Contains("1/3 optimize the embedding: already done", end.Output, StringComparison.Ordinal);
        Assert.Equal(await HashesAsync(whole), await HashesAsync(pieces));
    }

    [Fact]
    public async Task Edit_WithStopAfter_StopsThereOnceAndThenFinishes()
    {
        using var folder = new TemporaryFolder();
        string[] command = ["edit", Heart, "a green heart", "--direct", "--threads", "1", .. Micro, .. Short, "4", "--stop-after", "finetune:2", "--out", folder.Path];
        var edited = Path.Combine(folder.Path, "edited.png");

        var stopped = await ImagicProcess.RunAsync(command);

        Assert.Equal(0, stopped.ExitCode);
        Assert.Contains("stage finetune after step 2", stopped.Output, StringComparison.Ordinal);
        Assert.False(File.Exists(edited));

        var finished = await ImagicProcess.RunAsync(command);

        Assert.Equal(0, finished.ExitCode);
        Assert.Contains("going on from step 2 of 4", finished.Output, StringComparison.Ordinal);
        Assert.True(File.Exists(edited));
    }

    public static TheoryData<string, string[]> Unusable => new()
    {
        { "There is no picture 'nothing.png'", ["nothing.png", "a dog"] },
        { "There is no model 'nothing'", [Heart, "a dog", "--model", "nothing"] },
        { "The profile 'nothing' is unknown", [Heart, "a dog", "--profile", "nothing"] },
        { "target text is empty", [Heart, " "] },
        { "--eta takes numbers", [Heart, "a dog", "--eta", "0.5,much"] },
        { "guidance must lie in", [Heart, "a dog", "--guidance", "-3"] },
        { "--stop-after takes STAGE:STEP", [Heart, "a dog", "--direct", "--stop-after", "later"] },
        { "Add --direct", [Heart, "a dog", "--stop-after", "finetune:2"] },
        { "--threads belongs to the workers", [Heart, "a dog", "--threads", "1", "--server", "http://127.0.0.1:1"] },
        { "Leave one of the two out", [Heart, "a dog", "--direct", "--server", "http://127.0.0.1:1"] },
        { "No Imagic answers at http://127.0.0.1:1.", [Heart, "a dog", "--server", "http://127.0.0.1:1"] },
        { "--server takes an address", [Heart, "a dog", "--server", "here"] },
        { "--port takes a port", [Heart, "a dog", "--port", "70000"] },
        { "--device takes cpu", [Heart, "a dog", "--device", "abacus"] },
        { "multiples of 16", [Heart, "a dog", "--size", "70x64"] },
        { "", [Path.Combine(RepositoryFiles.Model("emoji-64"), "samples", "red-heart.svg"), "a dog"] },
        { "", [Heart] },
    };

    [Theory]
    [MemberData(nameof(Unusable))]
    public async Task Edit_WithSomethingUnusable_SaysWhatAndWritesNothing(string sentence, string[] arguments)
    {
        using var folder = new TemporaryFolder();
        var results = Path.Combine(folder.Path, "results");

        var end = await ImagicProcess.RunAsync(["edit", .. arguments, "--out", results]);

        Assert.Equal(2, end.ExitCode);
        Assert.Contains(sentence, end.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", end.Error, StringComparison.Ordinal);
        Assert.False(Directory.Exists(results));
    }

    private static Task<byte[]> ReadAsync(TemporaryFolder folder, string name) =>
        File.ReadAllBytesAsync(Path.Combine(folder.Path, name), TestContext.Current.CancellationToken);

    private static Task<string[]> HashesAsync(TemporaryFolder folder) => EditResults.HashesAsync(folder.Path);
}

using Imagic.Tests;

namespace Imagic.Cli.Tests.Edit;

public sealed class SafetyTests : IDisposable
{
    private const float All = -1.1f; // a cosine that everything is above

    private static readonly string Picture = Path.Combine(RepositoryFiles.Fixture("sd1-micro"), "input.png");

    private static readonly string[] Short =
        ["--optimize-steps", "2", "--finetune-steps", "2", "--steps", "2", "--seeds", "1", "--eta", "0.8", "--blend", "1", "--preview", "0", "--threads", "1"];

    private readonly TemporaryFolder _folder = new();

    public SafetyTests() => CheckedPackage.Create(RepositoryFiles.Fixture("sd1-micro"), Model, All);

    private string Model => Path.Combine(_folder.Path, "models", "checked");

    private string Out => Path.Combine(_folder.Path, "out");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task EditDirect_WithholdsAndSaysSo_AndGivesThePicturesWithNoSafety_WithoutComputingAgain()
    {
        string[] command = ["edit", Picture, "a bird", "--direct", "--model", Model, .. Short, "--out", Out];

        var withheld = await ImagicProcess.RunAsync(command);
        var files = Files();
        var shown = await ImagicProcess.RunAsync([.. command, "--no-safety"]);
        var shownFiles = Files();
        var again = await ImagicProcess.RunAsync(command);

        Assert.All([withheld, shown, again], end => Assert.Equal((0, ""), (end.ExitCode, end.Error)));
        Assert.Contains("2 of 2 pictures are withheld", withheld.Output, StringComparison.Ordinal);
        Assert.Matches("suggested picture +withheld", withheld.Output);
        Assert.Equal(["edit.json", "grid.png", "report.html", "source.png"], files);
        Assert.Contains("1/3 optimize the embedding: already done", shown.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("withheld", shown.Output, StringComparison.Ordinal);
        Assert.Equal(["edit.json", "edited.png", "grid.png", "pictures/seed1-eta0.00-blend1.00.png", "pictures/seed1-eta0.80-blend1.00.png", "report.html", "source.png"], shownFiles);
        // What was shown before does not stay beside a report that says it is withheld.
        Assert.Equal(files, Files());
    }

    [Fact]
    public async Task EditThroughThePipeline_WithholdsByDefault_AndNotWithNoSafety()
    {
        using var place = new EnvironmentPlace();
        string[] command = ["edit", Picture, "a bird", "--model", Model, .. Short, "--out", Out, .. place.Arguments];

        var withheld = await ImagicProcess.RunAsync(command);
        var files = Files();
        var shown = await ImagicProcess.RunAsync([.. command, "--no-safety"]);

        Assert.All([withheld, shown], end => Assert.Equal((0, ""), (end.ExitCode, end.Error)));
        Assert.Matches("suggested picture +withheld", withheld.Output);
        Assert.DoesNotContain("edited.png", files);
        Assert.Contains("edited.png", Files());
    }

    [Fact]
    public async Task Verify_CountsTheChecker()
    {
        var end = await ImagicProcess.RunAsync("models", "verify", Model);

        Assert.Equal(0, end.ExitCode);
        Assert.Contains("safety_checker: ok", end.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Edit_ElsewhereWithNoSafety_SaysWhoseItIs()
    {
        var end = await ImagicProcess.RunAsync("edit", Picture, "a bird", "--no-safety", "--server", "http://127.0.0.1:1");

        Assert.Equal(2, end.ExitCode);
        Assert.Contains("--no-safety belongs to the workers", end.Error, StringComparison.Ordinal);
    }

    private List<string> Files() =>
    [
        .. Directory.EnumerateFiles(Out, "*", SearchOption.AllDirectories).Select(file => Path.GetRelativePath(Out, file).Replace('\\', '/'))
            .Where(file => !file.StartsWith("work/", StringComparison.Ordinal)).Order(StringComparer.Ordinal),
    ];
}

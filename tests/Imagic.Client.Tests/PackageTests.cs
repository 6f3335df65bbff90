using System.Diagnostics;
using System.IO.Compression;
using System.Xml.Linq;
using Imagic.Tests;

namespace Imagic.Client.Tests;

public class PackageTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("Imagic.Client", "README.md", "Imagic.Contracts", "Microsoft.Extensions.AI.Abstractions", "Microsoft.Extensions.Http.Resilience")]
    [InlineData("Imagic.Contracts", null)]
    public async Task Pack_GivesWhatOtherProgramsNeed(string project, string? readme, params string[] needs)
    {
        using var folder = new TemporaryFolder();
        var configuration = Path.GetFileName(AppContext.BaseDirectory.TrimEnd('/'));
        using var pack = Process.Start(new ProcessStartInfo("dotnet", [
            "pack", Path.Combine(RepositoryFiles.Root, "functions", project), "--no-build", "--nologo", "-v", "q", "-c", configuration, "-o", folder.Path])
        { RedirectStandardOutput = true, UseShellExecute = false })!;
        var output = await pack.StandardOutput.ReadToEndAsync(Token);
        await pack.WaitForExitAsync(Token);
        Assert.True(pack.ExitCode == 0, output);

        await using var package = await ZipFile.OpenReadAsync(Assert.Single(Directory.GetFiles(folder.Path, "*.nupkg")), Token);
        var files = package.Entries.Select(entry => entry.FullName).ToHashSet();
        Assert.Contains($"lib/net10.0/{project}.dll", files);
        Assert.Contains($"lib/net10.0/{project}.xml", files);
        if (readme is not null) Assert.Contains(readme, files);
        var nuspec = XDocument.Load(await package.GetEntry($"{project}.nuspec")!.OpenAsync(Token));
        Assert.Equal("MIT", Value("license"));
        Assert.NotEmpty(Value("description")!);
        Assert.Equal(readme, Value("readme"));
        Assert.Superset(needs.ToHashSet(), nuspec.Descendants().Where(element => element.Name.LocalName == "dependency").Select(element => element.Attribute("id")!.Value).ToHashSet());

        string? Value(string name) => nuspec.Descendants().FirstOrDefault(element => element.Name.LocalName == name)?.Value;
    }
}

using System.Xml.Linq;
using Imagic.Tests;

namespace Imagic.Architecture.Tests;

/// <summary>Which project may know which: the diagram of the README as a test.</summary>
public class ArrowsTests
{
    private static readonly Dictionary<string, string[]> Allowed = new()
    {
        ["Imagic.Contracts"] = [],
        ["Imagic.Client"] = ["Imagic.Contracts"],
        ["Imagic.Storage"] = ["Imagic.Contracts"],
        ["Imagic.Webhooks"] = ["Imagic.Contracts"],
        ["Imagic.Functions"] = ["Imagic.Storage", "Imagic.Imaging", "Imagic.Marks", "Imagic.Webhooks"],
        ["Imagic.LocalHost"] = ["Imagic.Storage"],
        ["Imagic.Imaging"] = ["Imagic.Contracts"],
        ["Imagic.Marks"] = ["Imagic.Imaging"],
        ["Imagic.Sheets"] = ["Imagic.Imaging"],
        ["Imagic.Diffusion"] = [],
        ["Imagic.Editing"] = ["Imagic.Diffusion", "Imagic.Contracts"],
        ["Imagic.Worker"] = ["Imagic.Editing", "Imagic.Imaging", "Imagic.Marks", "Imagic.Sheets", "Imagic.Storage"],
        ["Imagic.Cli"] = ["Imagic.Editing", "Imagic.Imaging", "Imagic.Worker", "Imagic.Client", "Imagic.LocalHost", "Imagic.Functions", "Imagic.Webhooks"],
        // Makes and measures models; nothing that ships may know it.
        ["Imagic.Lab"] = ["Imagic.Cli", "Imagic.TestKit"],
    };

    private static readonly IEnumerable<string> ProjectFiles =
        from side in new[] { "functions", "gpu-worker" }
        from folder in Directory.EnumerateDirectories(Path.Combine(RepositoryFiles.Root, side))
        from file in Directory.EnumerateFiles(folder, "*.csproj")
        select file;

    public static TheoryData<string> Projects => [.. ProjectFiles.Select(file => Path.GetFileNameWithoutExtension(file))];

    [Theory]
    [MemberData(nameof(Projects))]
    public void Project_ReferencesOnlyWhatTheDiagramAllows(string project)
    {
        Assert.True(Allowed.ContainsKey(project), $"{project} is not in the diagram");
        Assert.Empty(References(project, "ProjectReference").Except(Allowed[project]));
    }

    [Theory]
    [InlineData("Imagic.Contracts")]
    [InlineData("Imagic.Imaging", "SixLabors.ImageSharp")]
    [InlineData("Imagic.Diffusion", "TorchSharp", "$(TorchPackage)", "Microsoft.ML.Tokenizers")]
    [InlineData("Imagic.Editing")]
    public void EngineProject_NeedsNoOtherPackages(string project, params string[] packages) =>
        Assert.Empty(References(project, "PackageReference").Except(packages));

    [Fact]
    public void EverySourceProject_HasATestProjectOfItsName()
    {
        var tests = Directory.EnumerateDirectories(Path.Combine(RepositoryFiles.Root, "tests")).Select(Path.GetFileName).ToHashSet();

        Assert.All(Allowed.Keys, project => Assert.Contains($"{project}.Tests", tests));
    }

    /// <summary>Where a project is.</summary>
    internal static string FolderOf(string project) => Path.GetDirectoryName(FileOf(project))!;

    private static string FileOf(string project) => ProjectFiles.Single(file => Path.GetFileNameWithoutExtension(file) == project);

    private static IEnumerable<string> References(string project, string kind) =>
        from reference in XDocument.Load(FileOf(project)).Descendants(kind)
        let target = reference.Attribute("Include")!.Value
        select kind == "ProjectReference" ? Path.GetFileNameWithoutExtension(target) : target;
}

using System.Text.RegularExpressions;
using Imagic.Tests;

namespace Imagic.Architecture.Tests;

/// <summary>Which packages the build is on (<c>-p:Packages=…</c>) is known in the seams alone, and not in the code.</summary>
public partial class PackagesTests
{
    /// <summary>Each has a Packages.{Default,Card}.props beside the project that imports it.</summary>
    private static readonly string[] Seams = ["Imagic.Torch", "Imagic.Functions"];

    /// <summary>What tests of one seam's sources may say besides.</summary>
    private static readonly string[] Allowed = [.. Seams, .. Seams.Select(seam => $"{seam}.Tests")];

    private static readonly string[] Files =
    [
        .. Directory.EnumerateFiles(RepositoryFiles.Root),
        .. from folder in new[] { "functions", "gpu-worker", "tests" }
           from file in Directory.EnumerateFiles(Path.Combine(RepositoryFiles.Root, folder), "*", SearchOption.AllDirectories)
           where !file.Contains($"{Path.DirectorySeparatorChar}node_modules{Path.DirectorySeparatorChar}", StringComparison.Ordinal)
           select file,
    ];

    [Fact]
    public void Sources_HaveNoConditionalCode() => Assert.Empty(
        from file in Files
        where file.EndsWith(".cs", StringComparison.Ordinal) && ConditionalCode().IsMatch(File.ReadAllText(file))
        select Path.GetRelativePath(RepositoryFiles.Root, file));

    [Fact]
    public void Projects_AskForThePackagesInTheSeamsAlone()
    {
        var asking =
            from file in Files
            where Path.GetExtension(file) is ".csproj" or ".props" or ".targets" && AsksForPackages().IsMatch(File.ReadAllText(file))
            select Place(file);

        Assert.Empty(asking.Except(["Directory.Build.props", "Directory.Packages.props", .. Allowed]));
    }

    [Fact]
    public void PackagesFiles_AreInTheSeamsAloneAndAlwaysBoth()
    {
        var files = Files.Where(file => Path.GetFileName(file).StartsWith("Packages.", StringComparison.Ordinal)).ToArray();

        Assert.Empty(files.Select(file => Path.GetFileName(Path.GetDirectoryName(file))).Except(Allowed));
        Assert.All(files.GroupBy(Path.GetDirectoryName), folder =>
            Assert.Equal(["Packages.Card.props", "Packages.Default.props"], folder.Select(file => Path.GetFileName(file)).Order(StringComparer.Ordinal)));
    }

    /// <summary>A file of the root, or the project's folder.</summary>
    private static string Place(string file) =>
        Path.GetRelativePath(RepositoryFiles.Root, file).Split(Path.DirectorySeparatorChar) is [_, var project, ..] ? project : Path.GetFileName(file);

    [GeneratedRegex(@"^\s*#\s*(?:if|elif|define)\b", RegexOptions.Multiline)]
    private static partial Regex ConditionalCode();

    [GeneratedRegex(@"\$\((Packages|TorchPackage)\b")]
    private static partial Regex AsksForPackages();
}

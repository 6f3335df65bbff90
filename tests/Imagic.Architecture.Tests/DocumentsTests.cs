using System.Text.RegularExpressions;
using Imagic.Tests;

namespace Imagic.Architecture.Tests;

/// <summary>What the documents point at is there.</summary>
public partial class DocumentsTests
{
    // The test data of a model's card is the model's own.
    public static TheoryData<string> Documents =>
    [
        "README.md",
        "CONTRIBUTING.md",
        "tests/README.md",
        .. Directory.EnumerateFiles(Path.Combine(RepositoryFiles.Root, "docs"), "*.md").Select(file => Path.GetRelativePath(RepositoryFiles.Root, file)),
    ];

    [Theory]
    [MemberData(nameof(Documents))]
    public void Document_NamesOnlyTestsThatExist(string document)
    {
        var tests = Directory.EnumerateFiles(Path.Combine(RepositoryFiles.Root, "tests"), "*Tests.cs", SearchOption.AllDirectories)
            .ToLookup(file => Path.GetFileNameWithoutExtension(file), File.ReadAllText);

        Assert.All(TestName().Matches(Read(document)), match =>
        {
            var (type, method) = (match.Groups["type"].Value, match.Groups["method"].Value);
            Assert.True(tests.Contains(type), $"there is no {type}");
            Assert.True(method.Length == 0 || tests[type].Any(source => source.Contains($" {method}(", StringComparison.Ordinal)), $"{type} has no {method}");
        });
    }

    [Theory]
    [MemberData(nameof(Documents))]
    public void Document_LinksOnlyToFilesThatExist(string document)
    {
        var folder = Path.GetDirectoryName(Path.Combine(RepositoryFiles.Root, document))!;

        Assert.All(
            Link().Matches(Read(document)).Select(match => match.Groups["target"].Value),
            target => Assert.True(Path.Exists(Path.Combine(folder, target)), $"there is no {target}"));
    }

    private static string Read(string document) => File.ReadAllText(Path.Combine(RepositoryFiles.Root, document));

    [GeneratedRegex(@"`(?<type>[A-Z][A-Za-z0-9]*Tests)(\.(?<method>[A-Za-z0-9_]+))?`")]
    private static partial Regex TestName();

    [GeneratedRegex(@"\]\((?!https?:|#)(?<target>[^)#]+)")]
    private static partial Regex Link();
}

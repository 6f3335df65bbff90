using Imagic.Tests;

namespace Imagic.Infra.Tests;

public class BicepFilesTests
{
    [Fact]
    public async Task Lint_FindsNothing()
    {
        var result = await Bicep.LintAsync();

        Assert.Equal("", result.Errors.Trim());
        Assert.Equal("", result.Output.Trim());
        Assert.Equal(0, result.ExitCode);
    }

    [Fact]
    public void EveryFile_IsUsedOrDeployedByAzd()
    {
        var files = Directory.EnumerateFiles(Bicep.Folder, "*.bicep", SearchOption.AllDirectories).ToList();
        var texts = files.Select(File.ReadAllText).Append(File.ReadAllText(Path.Combine(RepositoryFiles.Root, "azure.yaml"))).ToList();

        Assert.All(files.Where(file => Path.GetFileName(file) != "main.bicep"), file =>
        {
            var name = Path.GetFileNameWithoutExtension(file);
            Assert.Contains(texts, text => text.Contains($"{name}.bicep'", StringComparison.Ordinal) || text.Contains($"module: app/{name}", StringComparison.Ordinal));
        });
    }

    [Fact]
    public void EveryResource_IsInTheTableOfTheReadme()
    {
        var readme = File.ReadAllText(Path.Combine(Bicep.Folder, "README.md"));
        var declared = Directory.EnumerateFiles(Bicep.Folder, "*.bicep", SearchOption.AllDirectories)
            .SelectMany(File.ReadLines)
            .Where(line => line.StartsWith("resource ", StringComparison.Ordinal) && !line.Contains(" existing ", StringComparison.Ordinal))
            .Select(line => line.Split('\'')[1]);

        Assert.All(declared, type => Assert.Contains($"`{type}`", readme, StringComparison.Ordinal));
    }
}

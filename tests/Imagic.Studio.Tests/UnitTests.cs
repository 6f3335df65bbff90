using System.Diagnostics;
using Imagic.Tests;

namespace Imagic.Studio.Tests;

/// <summary>What the page computes, without a page: tests of its own, by Node's runner.</summary>
public class UnitTests
{
    [Fact]
    public async Task UnitTestsOfThePage_Pass()
    {
        using var npm = Process.Start(new ProcessStartInfo("npm", ["test", "--silent"])
        {
            WorkingDirectory = Path.Combine(RepositoryFiles.Root, "functions", "Studio"),
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        })!;
        var (output, error) = (npm.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken), npm.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken));
        await npm.WaitForExitAsync(TestContext.Current.CancellationToken);

        Assert.True(npm.ExitCode == 0, $"{await output}\n{await error}");
        // A runner that finds no tests is content.
        Assert.Matches(@"pass [1-9]", await output);
    }
}

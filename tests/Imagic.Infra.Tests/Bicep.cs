using System.Diagnostics;
using Imagic.Tests;

namespace Imagic.Infra.Tests;

/// <summary>What a program said.</summary>
internal sealed record ProgramResult(int ExitCode, string Output, string Errors)
{
    /// <summary>Runs a program to its end.</summary>
    /// <param name="start">Which; both outputs redirected.</param>
    public static async Task<ProgramResult> OfAsync(ProcessStartInfo start)
    {
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        return new(process.ExitCode, await output, await errors);
    }
}

/// <summary>The Bicep compiler, which knows the shape of every resource type.</summary>
internal static class Bicep
{
    public static string Folder { get; } = Path.Combine(RepositoryFiles.Root, "infra");

    /// <summary>Checks all files by the rules of <c>bicepconfig.json</c>.</summary>
    public static Task<ProgramResult> LintAsync() => RunAsync("lint", "--pattern", Path.Combine(Folder, "**", "*.bicep"));

    /// <summary>The deployment template that a file compiles to.</summary>
    public static async Task<string> BuildAsync(string file)
    {
        var result = await RunAsync("build", "--stdout", Path.Combine(Folder, file));
        return result.ExitCode == 0 ? result.Output : throw new InvalidOperationException(result.Errors);
    }

    /// <summary>
    /// All resources that a deployment would make, modules and loops unrolled, expressions evaluated as far as they do
    /// not depend on other resources.
    /// </summary>
    public static async Task<string> PredictAsync(string file, string parameters, params string[] options)
    {
        var folder = Directory.CreateTempSubdirectory("imagic-infra-");
        try
        {
            var path = Path.Combine(folder.FullName, "prediction.bicepparam");
            await File.WriteAllTextAsync(path, $"using '{Path.GetRelativePath(folder.FullName, Path.Combine(Folder, file))}'\n{parameters}\n");
            var result = await RunAsync([
                "snapshot", path, "--mode", "overwrite", "--location", "westeurope", "--deployment-name", "test",
                "--tenant-id", "00000000-0000-0000-0000-000000000002",
                "--subscription-id", "00000000-0000-0000-0000-000000000001", .. options]);
            return result.ExitCode == 0
                ? await File.ReadAllTextAsync(Path.Combine(folder.FullName, "prediction.snapshot.json"))
                : throw new InvalidOperationException(result.Output + result.Errors);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static Task<ProgramResult> RunAsync(params string[] arguments) => ProgramResult.OfAsync(
        new(BuildMetadata.Bicep, arguments) { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true });
}

using System.Diagnostics;
using Imagic.Tests;

namespace Imagic.Cli.Tests.Clients;

/// <summary>Programs that others have written; those from npm are in <c>tests/clients</c>.</summary>
internal static class OthersPrograms
{
    private static readonly string Folder = Path.Combine(RepositoryFiles.Root, "tests", "clients");

    public static string Heart { get; } = Path.Combine(RepositoryFiles.Model("emoji-64"), "samples", "red-heart.png");

    public static string FromNpm(string file)
    {
        Assert.True(Directory.Exists(Path.Combine(Folder, "node_modules")), $"The clients are missing: npm ci --prefix {Folder}");
        return Path.Combine(Folder, file);
    }

    public static async Task<(int Code, string Output, string Error)> EndAsync(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false })!;
        try
        {
            var (output, error) = (process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken), process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken));
            await process.WaitForExitAsync(TestContext.Current.CancellationToken).WaitAsync(TimeSpan.FromMinutes(3), TestContext.Current.CancellationToken);
            return (process.ExitCode, await output, await error);
        }
        finally
        {
            if (!process.HasExited) process.Kill(entireProcessTree: true);
        }
    }
}

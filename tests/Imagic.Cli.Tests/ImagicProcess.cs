using System.Diagnostics;

namespace Imagic.Cli.Tests;

/// <summary>How a run of the program ended.</summary>
public sealed record ProcessEnd(int ExitCode, string Output, string Error);

/// <summary>Runs the program itself, as a person or a script does.</summary>
internal static class ImagicProcess
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    public static string Path { get; } = System.IO.Path.Combine(AppContext.BaseDirectory, "imagic");

    public static async Task<ProcessEnd> RunAsync(params string[] arguments)
    {
        using var process = Start(arguments);
        return await EndAsync(process);
    }

    public static Process Start(params string[] arguments) => Process.Start(
        new ProcessStartInfo(Path, arguments) { RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false })!;

    public static async Task<ProcessEnd> EndAsync(Process process)
    {
        using var deadline = new CancellationTokenSource(Patience);
        var output = process.StandardOutput.ReadToEndAsync(deadline.Token);
        var error = process.StandardError.ReadToEndAsync(deadline.Token);
        await process.WaitForExitAsync(deadline.Token);
        return new(process.ExitCode, await output, await error);
    }
}

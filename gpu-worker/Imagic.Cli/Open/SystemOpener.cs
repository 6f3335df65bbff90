using System.ComponentModel;
using System.Diagnostics;

namespace Imagic.Cli.Open;

/// <summary>Opens a file, or an address, in what the person at this machine uses for it.</summary>
internal static class SystemOpener
{
    // An opener that fails does so at once; a browser stays.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);

    /// <summary>Opens it; false where nobody can see it or nothing here can open it.</summary>
    public static async Task<bool> OpenAsync(string file, CancellationToken cancellationToken)
    {
        if (OperatingSystem.IsWindows() && Environment.GetEnvironmentVariable("BROWSER") is null or "")
        {
            using var shell = TryStart(new(file) { UseShellExecute = true });
            return shell is not null;
        }

        foreach (var (program, arguments) in Commands(Environment.GetEnvironmentVariable, OperatingSystem.IsMacOS(), file))
        {
            if (Find(program) is { } path && await RunAsync(path, arguments, cancellationToken)) return true;
        }

        return false;
    }

    /// <summary>What may open a file, the best first: each of <c>BROWSER</c>, then the system's opener where there is a display.</summary>
    /// <param name="variable">Value of an environment variable; null when it is not set.</param>
    /// <param name="isMac">There <c>open</c> opens, and there is always a display.</param>
    /// <param name="file">The file, which takes the place of <c>%s</c> or comes last.</param>
    public static IEnumerable<(string Program, string[] Arguments)> Commands(Func<string, string?> variable, bool isMac, string file)
    {
        foreach (var browser in (variable("BROWSER") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries))
        {
            if (browser.Split(' ', StringSplitOptions.RemoveEmptyEntries) is not [var program, .. var given]) continue;
            var arguments = given.Select(argument => argument.Replace("%s", file, StringComparison.Ordinal));
            yield return (program, [.. arguments, .. browser.Contains("%s", StringComparison.Ordinal) ? Array.Empty<string>() : [file]]);
        }

        if (isMac) yield return ("open", [file]);
        else if (HasDisplay(variable)) yield return ("xdg-open", [file]);
    }

    private static bool HasDisplay(Func<string, string?> variable) => variable("DISPLAY") is { Length: > 0 } || variable("WAYLAND_DISPLAY") is { Length: > 0 };

    // .NET looks into the current folder before PATH, which may be anybody's.
    private static string? Find(string program) => Path.IsPathRooted(program)
        ? program
        : (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
            .Where(Path.IsPathRooted).SelectMany(folder => new[] { Path.Combine(folder, program), Path.Combine(folder, program + ".exe") }).FirstOrDefault(File.Exists);

    private static async Task<bool> RunAsync(string program, string[] arguments, CancellationToken cancellationToken)
    {
        using var process = TryStart(new(program, arguments) { UseShellExecute = false });
        if (process is null) return false;
        try
        {
            // Without a display it is one for the terminal, which is its own until it ends.
            var patience = OperatingSystem.IsWindows() || OperatingSystem.IsMacOS() || HasDisplay(Environment.GetEnvironmentVariable) ? Patience : Timeout.InfiniteTimeSpan;
            await process.WaitForExitAsync(cancellationToken).WaitAsync(patience, cancellationToken);
        }
        catch (TimeoutException)
        {
            return true;
        }

        return process.ExitCode == 0;
    }

    private static Process? TryStart(ProcessStartInfo start)
    {
        try
        {
            return Process.Start(start);
        }
        catch (Win32Exception)
        {
            return null;
        }
    }
}

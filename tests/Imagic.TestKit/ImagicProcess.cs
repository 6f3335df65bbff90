using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace Imagic.TestKit;

/// <summary>How a run of the program ended.</summary>
public sealed record ProcessEnd(int ExitCode, string Output, string Error);

/// <summary>Runs one of the programs, as a person or a script does.</summary>
public sealed class ImagicProcess : IDisposable
{
    private static readonly TimeSpan WaitLimit = TimeSpan.FromMinutes(3);

    private readonly Process _process;
    private readonly StringBuilder _output = new();
    private readonly Task<string> _error;

    private ImagicProcess(string program, string[] arguments, IReadOnlyDictionary<string, string>? environment = null)
        : this([PathOf(program), .. arguments], environment)
    {
    }

    private ImagicProcess(string[] command, IReadOnlyDictionary<string, string>? environment)
    {
        var start = new ProcessStartInfo(command[0], command[1..]) { RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false };
        // Of whoever runs the tests.
        start.Environment.Remove("ImagicStorage");
        foreach (var (name, value) in environment ?? new Dictionary<string, string>()) start.Environment[name] = value;
        _process = Process.Start(start)!;
        _error = _process.StandardError.ReadToEndAsync();
    }

    private const string Imagic = "imagic", Lab = "imagic-lab";

    /// <summary>Path of <c>imagic</c>.</summary>
    public static string Path { get; } = PathOf(Imagic);

    /// <summary>Runs it to its end.</summary>
    public static Task<ProcessEnd> RunAsync(params string[] arguments) => EndAsync(new(Imagic, arguments));

    /// <summary>Runs <c>imagic-lab</c> to its end.</summary>
    public static Task<ProcessEnd> RunLabAsync(params string[] arguments) => EndAsync(new(Lab, arguments));

    /// <summary>Starts it.</summary>
    public static ImagicProcess Run(params string[] arguments) => new(Imagic, arguments);

    /// <summary>Starts <c>imagic-lab</c>.</summary>
    public static ImagicProcess RunLab(params string[] arguments) => new(Lab, arguments);

    /// <summary>Starts <c>imagic-lab</c> with further environment variables.</summary>
    public static ImagicProcess RunLab(IReadOnlyDictionary<string, string> environment, params string[] arguments) => new(Lab, arguments, environment);

    /// <summary>Starts it with further environment variables.</summary>
    public static ImagicProcess Run(IReadOnlyDictionary<string, string> environment, params string[] arguments) => new(Imagic, arguments, environment);

    /// <summary>Starts it where no file may be longer: writes beyond that fail, as on a full disk.</summary>
    public static ImagicProcess RunOnFullDisk(IReadOnlyDictionary<string, string> environment, int kibibytes, params string[] arguments) => new(
        ["bash", "-c", $"trap '' XFSZ; ulimit -f {kibibytes}; DOTNET_EnableWriteXorExecute=0 exec \"$0\" \"$@\"", PathOf(Imagic), .. arguments], environment);

    /// <summary>Starts it with further environment variables in a terminal of 80 columns and 40 lines; its output is all that the terminal gets.</summary>
    public static ImagicProcess RunInTerminal(IReadOnlyDictionary<string, string> environment, params string[] arguments) => new(
        ["script", "-qec", $"stty cols 80 rows 40; exec {string.Join(' ', arguments.Prepend(PathOf(Imagic)).Select(argument => $"'{argument}'"))}", "/dev/null"], environment);

    /// <summary>Reads lines until one is as wanted.</summary>
    /// <returns>That line.</returns>
    public async Task<string> WaitForLineAsync(Func<string, bool> isWanted)
    {
        using var deadline = new CancellationTokenSource(WaitLimit);
        while (await _process.StandardOutput.ReadLineAsync(deadline.Token) is { } line)
        {
            _output.AppendLine(line);
            if (isWanted(line)) return line;
        }

        throw new InvalidOperationException($"It ended without the line. Output: {_output} Errors: {await _error}");
    }

    /// <summary>Sends a signal such as <c>INT</c>.</summary>
    public Task SignalAsync(string signal) => SignalAsync(_process.Id, signal);

    /// <summary>Sends a signal to any process.</summary>
    public static async Task SignalAsync(int process, string signal)
    {
        using var kill = Process.Start("kill", [$"-{signal}", process.ToString(CultureInfo.InvariantCulture)]);
        await kill.WaitForExitAsync();
    }

    /// <summary>Waits for its end.</summary>
    public async Task<ProcessEnd> EndAsync()
    {
        using var deadline = new CancellationTokenSource(WaitLimit);
        _output.Append(await _process.StandardOutput.ReadToEndAsync(deadline.Token));
        await _process.WaitForExitAsync(deadline.Token);
        return new(_process.ExitCode, _output.ToString(), await _error);
    }

    private static string PathOf(string program) => System.IO.Path.Combine(AppContext.BaseDirectory, program);

    private static async Task<ProcessEnd> EndAsync(ImagicProcess process)
    {
        using (process) return await process.EndAsync();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (!_process.HasExited) _process.Kill();
        _process.Dispose();
    }
}

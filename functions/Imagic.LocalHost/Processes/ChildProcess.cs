using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Imagic.LocalHost.Processes;

/// <summary>What to start, and who reads what it says.</summary>
internal sealed record ChildCommand(string Executable, IReadOnlyList<string> Arguments, string WorkingDirectory)
{
    /// <summary>Variables on top of this process's own.</summary>
    public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>();

    /// <summary>Gets each line of standard output.</summary>
    public required Action<string> Output { get; init; }

    /// <summary>Gets each line of standard error.</summary>
    public required Action<string> Error { get; init; }
}

/// <summary>
/// A process that dies with this one, even when this one is killed: <c>setpriv</c> asks the kernel for it (Linux;
/// elsewhere a killed parent leaves its child behind). It has a session of its own, so that Ctrl-C in the terminal
/// reaches this process only, which then stops the child in good order.
/// </summary>
internal sealed partial class ChildProcess : IAsyncDisposable
{
    private const int SigTerm = 15;
    private const int SigKill = 9;

    // What a child wrote before it ended is in the pipe at once; a grandchild may hold the pipe open for ever.
    private static readonly TimeSpan LastWords = TimeSpan.FromSeconds(1);

    private readonly Process _process;
    private readonly TaskCompletionSource<int> _exited;
    private readonly bool _leadsGroup;

    private ChildProcess(Process process, TaskCompletionSource<int> exited, bool leadsGroup) =>
        (_process, _exited, _leadsGroup, Id) = (process, exited, leadsGroup, process.Id);

    public int Id { get; }

    /// <summary>Ends with the exit code when the process has ended.</summary>
    public Task<int> Exited => _exited.Task;

    /// <summary>Starts a process.</summary>
    /// <exception cref="IOException">There is no such program, or it cannot be run.</exception>
    public static async Task<ChildProcess> StartAsync(ChildCommand command)
    {
        var executable = Executables.Find(command.Executable)
            ?? throw new IOException($"There is no program '{command.Executable}': neither that file nor one of that name on the PATH.");
        var guard = Executables.Find("setpriv") is { } setpriv && Executables.Find("setsid") is { } setsid
            ? new[] { setpriv, "--pdeathsig", "KILL", setsid }
            : [];
        string[] all = [.. guard, executable, .. command.Arguments];
        var start = new ProcessStartInfo(all[0], all[1..])
        {
            WorkingDirectory = command.WorkingDirectory,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        foreach (var (name, value) in command.Environment) start.Environment[name] = value;

        var started = new TaskCompletionSource<Process>(TaskCreationOptions.RunContinuationsAsynchronously);
        var exited = new TaskCompletionSource<int>(TaskCreationOptions.RunContinuationsAsynchronously);
        // The kernel kills the child when the thread that started it ends, so that thread stays until the child is gone.
        new Thread(() => Keep(start, command, started, exited)) { IsBackground = true, Name = $"child {command.Executable}" }.Start();
        try
        {
            return new(await started.Task, exited, guard.Length > 0);
        }
        catch (System.ComponentModel.Win32Exception exception)
        {
            throw new IOException($"'{executable}' cannot be run: {exception.Message}", exception);
        }
    }

    /// <summary>Asks it to end, waits, and kills it with all its children when it takes too long.</summary>
    public async Task<int> StopAsync(TimeSpan grace, TimeProvider time)
    {
        if (!Exited.IsCompleted && grace > TimeSpan.Zero)
        {
            Signal(Id, SigTerm);
            try
            {
                return await Exited.WaitAsync(grace, time);
            }
            catch (TimeoutException)
            {
                // It had its time.
            }
        }

        Kill();
        return await Exited;
    }

    public async ValueTask DisposeAsync()
    {
        Kill();
        await Exited;
        _process.Dispose();
    }

    private static void Keep(
        ProcessStartInfo start, ChildCommand command, TaskCompletionSource<Process> started, TaskCompletionSource<int> exited)
    {
        Process process;
        try
        {
            process = Process.Start(start)!;
        }
        catch (Exception exception)
        {
            started.SetException(exception);
            return;
        }

        process.OutputDataReceived += (_, line) => Pass(line.Data, command.Output);
        process.ErrorDataReceived += (_, line) => Pass(line.Data, command.Error);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        started.SetResult(process);
        process.WaitForExit(int.MaxValue);
        using (var patience = new CancellationTokenSource(LastWords))
        {
            try
            {
                process.WaitForExitAsync(patience.Token).Wait(CancellationToken.None);
            }
            catch (AggregateException)
            {
                // The pipe stays open; the exit code is known all the same.
            }
        }

        exited.SetResult(process.ExitCode);
    }

    private static void Pass(string? line, Action<string> reader)
    {
        if (line is not null) reader(line);
    }

    private void Kill()
    {
        if (!Exited.IsCompleted) Signal(_leadsGroup ? -Id : Id, SigKill);
    }

    // Failures are not looked at: there is only "no such process", which is what is wanted.
    private static void Signal(int process, int signal) => _ = SendSignal(process, signal);

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int SendSignal(int process, int signal);
}

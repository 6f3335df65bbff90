using System.Collections.Concurrent;
using System.Diagnostics;
using Imagic.Editing.Stages;
using Imagic.Storage;

namespace Imagic.TestKit;

/// <summary>A worker as a process of its own, with the settings of <see cref="MicroEdit.Options"/>.</summary>
public sealed class WorkerProcess : IAsyncDisposable
{
    private static readonly TimeSpan WaitLimit = TimeSpan.FromMinutes(3);

    private readonly Process _process;

    /// <summary>Starts one.</summary>
    /// <param name="storage">The storage account.</param>
    /// <param name="visibility">Seconds after which the work of a dead worker goes to another.</param>
    /// <param name="killAt">Where it kills itself; null is never.</param>
    /// <param name="arguments">Further options of the worker.</param>
    public WorkerProcess(StorageOptions storage, int visibility = 2, StopPoint? killAt = null, params IReadOnlyList<string> arguments)
        : this(storage, visibility, killAt is { } point ? [PathOf("Imagic.TestKit"), point.ToString()] : [PathOf("imagic-worker")], arguments)
    {
    }

    private WorkerProcess(StorageOptions storage, int visibility, IReadOnlyList<string> command, IReadOnlyList<string> arguments)
    {
        var program = command[0];
        var start = new ProcessStartInfo(program, [
            .. command.Skip(1), "--models", MicroEdit.ModelsFolder,
            .. arguments.Contains("--cache") ? Array.Empty<string>() : ["--cache", MicroEdit.Options.CacheFolder], "--device", "cpu", "--threads", "1", "--visibility", $"{visibility}",
            "--checkpoint-every", "0", "--preview", "2", .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        start.Environment[StorageOptions.Connection] = storage.ConnectionString;
        _process = Process.Start(start) ?? throw new IOException($"{program} did not start.");
        _process.OutputDataReceived += (_, line) => Keep(line.Data);
        _process.ErrorDataReceived += (_, line) => Keep(line.Data);
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    /// <summary>Starts one whose step at that point never ends: it computes on and on, in libtorch.</summary>
    public static WorkerProcess StartEndless(StorageOptions storage, StopPoint at, params IReadOnlyList<string> arguments) =>
        new(storage, visibility: 60, [PathOf("Imagic.TestKit"), at.ToString(), StayAt.Argument], arguments);

    /// <summary>Starts one that cannot write a file of more than that many KiB, as on a full disk.</summary>
    /// <remarks>Of the runtime's own only the double mapping of code is a large file; half a MiB is enough for the rest.</remarks>
    public static WorkerProcess StartOnFullDisk(StorageOptions storage, int kibibytes, params IReadOnlyList<string> arguments) =>
        new(storage, visibility: 60, ["bash", "-c", $"trap '' XFSZ; ulimit -f {kibibytes}; DOTNET_EnableWriteXorExecute=0 exec \"$0\" \"$@\"", PathOf("imagic-worker")], arguments);

    /// <summary>What it said.</summary>
    public ConcurrentQueue<string> Lines { get; } = [];

    /// <summary>Whether it has ended.</summary>
    public bool HasEnded => _process.HasExited;

    /// <summary>Waits until it looks for messages.</summary>
    public Task ReadyAsync(CancellationToken cancellationToken) => MicroEdit.WaitAsync(
        () => HasEnded
            ? throw new IOException($"The worker ended with {_process.ExitCode}: {string.Join('\n', Lines)}")
            : Task.FromResult(Lines.Any(line => line.Contains("waits for messages", StringComparison.Ordinal))),
        cancellationToken);

    /// <summary>Sends a signal by name, e.g. <c>TERM</c>.</summary>
    public async Task SignalAsync(string signal, CancellationToken cancellationToken)
    {
        using var kill = Process.Start("kill", [$"-{signal}", $"{_process.Id}"]);
        await kill.WaitForExitAsync(cancellationToken);
    }

    /// <summary>Exit code of a process that SIGKILL has ended.</summary>
    public const int KilledExitCode = 128 + 9;

    /// <summary>Waits for its end.</summary>
    /// <returns>The exit code.</returns>
    public async Task<int> EndAsync(CancellationToken cancellationToken)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(WaitLimit);
        await _process.WaitForExitAsync(deadline.Token);
        return _process.ExitCode;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
            await _process.WaitForExitAsync(CancellationToken.None);
        }

        _process.Dispose();
    }

    private static string PathOf(string program) => Path.Combine(AppContext.BaseDirectory, program);

    private void Keep(string? line)
    {
        if (line is not null) Lines.Enqueue(line);
    }
}

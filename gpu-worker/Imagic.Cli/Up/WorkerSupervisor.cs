using System.Globalization;
using Imagic.LocalHost.Processes;
using Imagic.Storage;
using Imagic.Storage.Telemetry;
using Microsoft.Extensions.Logging;

namespace Imagic.Cli.Up;

/// <summary>Keeps one worker process running: starts it again when it dies, later each time that it dies soon.</summary>
internal sealed class WorkerSupervisor : IAsyncDisposable
{
    // It has then computed for a while: the next death is a new misfortune, not the same one again.
    private static readonly TimeSpan StableAfter = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestPause = TimeSpan.FromMinutes(1);
    private const int MaxQuickDeaths = 5;

    // The worker itself takes 22 s at most; a machine that is taken away gives 30 s.
    private static readonly TimeSpan StopGrace = TimeSpan.FromSeconds(25);

    // Not this process's own program: that may be a test.
    private static readonly string Program = Path.Combine(AppContext.BaseDirectory, "imagic");

    private readonly CancellationTokenSource _stop = new();
    private readonly string _name;
    private readonly EnvironmentLog _log;
    private readonly TimeProvider _time;
    private readonly ChildCommand _command;
    private string _lastError = "";

    private WorkerSupervisor(string name, LocalEnvironmentOptions options, EnvironmentLog log, TimeProvider time)
    {
        (_name, _log, _time) = (name, log, time);
        _command = new(Program, ["worker", .. options.WorkerArguments], Directory.GetCurrentDirectory())
        {
            Environment = new Dictionary<string, string>
            {
                [StorageOptions.Connection] = options.ConnectionString,
                [ImagicLogging.Variable] = ImagicLogging.Json,
            },
            Output = line => log.WriteChildLine(name, line),
            Error = line =>
            {
                _lastError = line;
                log.WriteChildLine(name, line);
            },
        };
        Ended = RunAsync();
    }

    /// <summary>Ends with the reason when the worker is given up, and with null when it ended of its own accord or was stopped.</summary>
    public Task<string?> Ended { get; }

    public static WorkerSupervisor Start(string name, LocalEnvironmentOptions options, EnvironmentLog log, TimeProvider time) => new(name, options, log, time);

    /// <summary>Asks the worker to end: it leaves a checkpoint and gives its message back.</summary>
    public async Task StopAsync()
    {
        await _stop.CancelAsync();
        await ((Task)Ended).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _stop.Dispose();
    }

    private async Task<string?> RunAsync()
    {
        for (var quickDeaths = 0; ;)
        {
            var started = _time.GetTimestamp();
            await using var process = await ChildProcess.StartAsync(_command);
            var stopped = Task.Delay(Timeout.InfiniteTimeSpan, _stop.Token);
            if (await Task.WhenAny(process.Exited, stopped) == stopped)
            {
                await process.StopAsync(StopGrace, _time);
                return null;
            }

            var code = await process.Exited;
            if (code == ExitCode.Done) return null;
            // It would say the same again.
            if (code is ExitCode.BadInput or ExitCode.NotSetUp) return $"The {_name} cannot be used: {_lastError}";
            quickDeaths = _time.GetElapsedTime(started) < StableAfter ? quickDeaths + 1 : 1;
            // A full disk or memory may be free again: that is waited for, however long it takes.
            var lacks = code == ExitCode.MachineFailed;
            if (quickDeaths >= MaxQuickDeaths && !lacks)
                return string.Create(CultureInfo.InvariantCulture, $"The {_name} died {quickDeaths} times soon after its start, at last with exit code {code}.");
            var pause = TimeSpan.FromSeconds(Math.Min(LongestPause.TotalSeconds, FirstPause.TotalSeconds * Math.Pow(2, Math.Min(quickDeaths, 30) - 1)));
            var why = lacks ? $"this machine lacks what the process needs ({_lastError})" : string.Create(CultureInfo.InvariantCulture, $"the process ended with exit code {code}");
            _log.Write(_name, LogLevel.Warning, string.Create(CultureInfo.InvariantCulture, $"{why}; it is started again in {pause.TotalSeconds:F0} s"));
            await Task.Delay(pause, _time, _stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (_stop.IsCancellationRequested) return null;
        }
    }
}

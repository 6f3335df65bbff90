using System.Globalization;
using Imagic.Cli.Edit;
using Imagic.Contracts.Batches;
using Spectre.Console;

namespace Imagic.Cli.Batch;

/// <summary>Shows a batch: one bar on a terminal, a line for each change elsewhere.</summary>
internal sealed class BatchDisplay
{
    private const int RoomBesideBar = 62;
    private const int LongestBar = 40;
    private const int ShortestBar = 5;
    private static readonly TimeSpan LineInterval = TimeSpan.FromSeconds(5);

    private readonly IAnsiConsole _console;
    private readonly ProgressTask? _task;
    private readonly TimeProvider _time;
    private readonly int _edits;
    private (double Share, long Since)? _first;
    private long? _lastLine;
    private string _last = "";

    private BatchDisplay(IAnsiConsole console, ProgressTask? task, TimeProvider time, int edits) =>
        (_console, _task, _time, _edits) = (console, task, time, edits);

    /// <summary>Runs <paramref name="work"/> with a display that fits the console.</summary>
    public static Task<T> RunAsync<T>(IAnsiConsole console, TimeProvider time, int edits, Func<BatchDisplay, Task<T>> work)
    {
        if (!console.Profile.Capabilities.Interactive || !console.Profile.Capabilities.Ansi) return work(new(console, null, time, edits));
        return console.Progress()
            .AutoClear(false)
            .HideCompleted(false)
            .Columns(
                new TaskDescriptionColumn { Alignment = Justify.Left },
                new ProgressBarColumn { Width = Math.Clamp(console.Profile.Width - RoomBesideBar, ShortestBar, LongestBar) },
                new PercentageColumn(), new TimeLeftColumn())
            .StartAsync(context => work(new(console, context.AddTask("waiting", maxValue: Math.Max(1, edits)), time, edits)));
    }

    /// <summary>Shows how far it is.</summary>
    public void Show(BatchCounts counts)
    {
        var where = _task is null || _console.Profile.Width > RoomBesideBar
            ? string.Create(CultureInfo.InvariantCulture, $", {counts.Running} running, {counts.Waiting} waiting") : "";
        var text = string.Create(
            CultureInfo.InvariantCulture, $"{counts.Succeeded} of {_edits} done{where}{(counts.Failed > 0 ? $", {counts.Failed} failed" : "")}");
        if (_task is not null)
        {
            // From where it was when this command began to look: it may go on with an older one.
            var (share, since) = _first ??= (counts.Share, _time.GetTimestamp());
            var rate = (counts.Share - share) / _time.GetElapsedTime(since).TotalSeconds;
            TimeLeftColumn.Set(_task, (_edits - counts.Share) / rate);
            (_task.Value, _task.Description) = (counts.Share, text);
        }
        else if (text != _last && (_lastLine is not { } last || _time.GetElapsedTime(last) >= LineInterval))
        {
            (_last, _lastLine) = (text, _time.GetTimestamp());
            _console.WriteLine(text);
        }
    }

    /// <summary>Shows that it has ended.</summary>
    public void Finish(BatchSummary summary)
    {
        if (_task is null) return;
        var failed = summary.Failed + summary.Cancelled;
        (_task.Value, _task.Description) = (_task.MaxValue, $"{summary.Succeeded} of {_edits} done{(failed > 0 ? $", {failed} failed" : "")}");
    }
}

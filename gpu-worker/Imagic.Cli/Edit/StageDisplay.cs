using System.Collections.Immutable;
using System.Globalization;
using Imagic.Cli.Up;
using Spectre.Console;

namespace Imagic.Cli.Edit;

/// <summary>Shows the stages of an edit: bars on a terminal, plain lines elsewhere.</summary>
internal sealed class StageDisplay
{
    private static readonly TimeSpan LineInterval = TimeSpan.FromSeconds(5);

    // Columns for percentage, time left and gaps; titles and figures shrink before the bar does.
    private const int RoomBesideDescription = 17;
    private const int LongestBar = 40;
    private const int ShortestBar = 5;
    private const int LongTitle = 26;
    private const int ShortTitle = 13;
    private const int AllFigures = 24;
    private const int LossOnly = 13;

    private readonly IAnsiConsole _console;
    private readonly ProgressContext? _bars;
    private readonly TimeProvider _time;
    private readonly ImmutableArray<EditStage> _stages;
    private readonly Dictionary<EditStage, ProgressTask> _tasks = [];
    private readonly Dictionary<EditStage, long> _lastLines = [];
    private int _title = LongTitle;
    private int _figures = AllFigures;

    private StageDisplay(IAnsiConsole console, ProgressContext? bars, ImmutableArray<EditStage> stages, TimeProvider time) =>
        (_console, _bars, _stages, _time) = (console, bars, stages, time);

    /// <summary>Runs <paramref name="work"/> with a display that fits the console.</summary>
    public static Task<T> RunAsync<T>(IAnsiConsole console, ImmutableArray<EditStage> stages, TimeProvider time, Func<StageDisplay, Task<T>> work)
    {
        if (!console.Profile.Capabilities.Interactive || !console.Profile.Capabilities.Ansi)
            return work(new(console, null, stages, time));
        var room = console.Profile.Width - RoomBesideDescription;
        var (title, figures) = (room - ShortestBar) switch
        {
            >= LongTitle + AllFigures => (LongTitle, AllFigures),
            >= ShortTitle + AllFigures => (ShortTitle, AllFigures),
            >= ShortTitle + LossOnly => (ShortTitle, LossOnly),
            _ => (ShortTitle, 0),
        };
        var bar = Math.Clamp(room - title - figures, ShortestBar, LongestBar);
        return console.Progress()
            .AutoClear(false)
            .HideCompleted(false)
            .Columns(
                new TaskDescriptionColumn { Alignment = Justify.Left }, new ProgressBarColumn { Width = bar }, new PercentageColumn(),
                new TimeLeftColumn())
            .StartAsync(context => work(new(console, context, stages, time) { _title = title, _figures = figures }));
    }

    /// <summary>A stage begins, or goes on from <paramref name="step"/>; <paramref name="note"/> is told along with that.</summary>
    public void Start(EditStage stage, int step, int steps, string? note = null)
    {
        _lastLines[stage] = _time.GetTimestamp();
        if (step > 0) Line($"{Title(stage)}: going on from step {step} of {steps}{(note is null ? "" : $" ({note})")}");
        else if (_bars is null) Line($"{Title(stage)}: {steps} steps");
        if (_bars is null) return;
        if (!_tasks.TryGetValue(stage, out var task)) _tasks[stage] = task = _bars.AddTask(Padded(stage), maxValue: Math.Max(1, steps));
        task.Value = step;
    }

    public void Advance(EditStage stage, int step, int steps, float? loss, double rate)
    {
        var lossText = loss is { } value ? string.Create(CultureInfo.InvariantCulture, $"loss {value:F4}  ") : "";
        var text = string.Create(CultureInfo.InvariantCulture, $"{lossText}{rate:F1} steps/s");
        if (_tasks.TryGetValue(stage, out var task))
        {
            task.Value = step;
            var figures = text.Length <= _figures ? text : lossText.Length <= _figures ? lossText.TrimEnd() : "";
            task.Description = $"{Padded(stage)}  [dim]{figures}[/]";
            TimeLeftColumn.Set(task, (steps - step) / rate);
        }
        else if (_time.GetElapsedTime(_lastLines.GetValueOrDefault(stage)) >= LineInterval)
        {
            _lastLines[stage] = _time.GetTimestamp();
            Line(string.Create(CultureInfo.InvariantCulture, $"{Title(stage)}: step {step} of {steps}  {text}  about {(steps - step) / rate:F0} s left"));
        }
    }

    public void Complete(EditStage stage, int steps, double seconds)
    {
        if (_tasks.TryGetValue(stage, out var task))
        {
            task.Value = task.MaxValue;
            TimeLeftColumn.Set(task, null);
        }
        else
        {
            Line(string.Create(CultureInfo.InvariantCulture, $"{Title(stage)}: done after {steps} steps, {seconds:F1} s"));
        }
    }

    /// <summary>A stage had ended before.</summary>
    public void Reuse(EditStage stage) => Line($"{Title(stage)}: already done, its result is used again");

    /// <summary>A checkpoint of a stage is there.</summary>
    public void Checkpoint(EditStage stage, int step) => Line($"{Title(stage)}: checkpoint at step {step}");

    public void Line(string text)
    {
        if (_bars is null)
        {
            _console.WriteLine(text);
            return;
        }

        // It is written over the bars, which are drawn anew below it: to the full width, or their ends stay.
        var room = _console.Profile.Width - 1;
        foreach (var piece in ConsoleLog.Wrap(text, room)) _console.WriteLine(piece.PadRight(room));
    }

    private string Title(EditStage stage) => Numbered(stage, stage switch
    {
        EditStage.Optimize => "optimize the embedding",
        EditStage.FineTune => "fine-tune the model",
        EditStage.FineTuneSuperResolution => "tune super-resolution",
        _ => "sample the pictures",
    });

    private string ShortTitleOf(EditStage stage) => Numbered(stage, stage switch
    {
        EditStage.Optimize => "optimize",
        EditStage.FineTune => "fine-tune",
        EditStage.FineTuneSuperResolution => "tune SR",
        _ => "sample",
    });

    private string Numbered(EditStage stage, string title) =>
        string.Create(CultureInfo.InvariantCulture, $"{_stages.IndexOf(stage) + 1}/{_stages.Length} {title}");

    // So that what follows stands in a column.
    private string Padded(EditStage stage) => (_title == LongTitle ? Title(stage) : ShortTitleOf(stage)).PadRight(_title);
}

using System.Globalization;
using Imagic.Editing;
using Imagic.Imaging;
using Spectre.Console;

namespace Imagic.Cli.Edit;

/// <summary>Shows an edit's progress: bars on a terminal, plain lines elsewhere; previews go to files.</summary>
internal sealed class EditProgress(IAnsiConsole console, ProgressContext? bars, string folder, TimeProvider clock) : IProgress<EditEvent>
{
    private static readonly TimeSpan LineInterval = TimeSpan.FromSeconds(5);

    private readonly Dictionary<EditStage, ProgressTask> _tasks = [];
    private long _stageStarted;
    private long _lastLine;
    private int _firstStep;

    /// <summary>Runs <paramref name="work"/> with a display that fits the console.</summary>
    public static Task<T> RunAsync<T>(IAnsiConsole console, string folder, TimeProvider clock, Func<EditProgress, Task<T>> work)
    {
        if (!console.Profile.Capabilities.Interactive || !console.Profile.Capabilities.Ansi)
            return work(new(console, null, folder, clock));
        return console.Progress()
            .AutoClear(false)
            .HideCompleted(false)
            .Columns(new TaskDescriptionColumn { Alignment = Justify.Left }, new ProgressBarColumn(), new PercentageColumn(), new RemainingTimeColumn())
            .StartAsync(context => work(new(console, context, folder, clock)));
    }

    /// <inheritdoc/>
    public void Report(EditEvent value)
    {
        switch (value)
        {
            case EditEvent.StageStarted started: Start(started); break;
            case EditEvent.StageReused reused: Line($"{Title(reused.Stage)}: already done, its result is used again"); break;
            case EditEvent.Trained trained: Advance(trained.Stage, trained.Step, trained.Steps, $"loss {trained.Loss:F4}"); break;
            case EditEvent.Denoised denoised: Advance(EditStage.Sample, denoised.Step, denoised.Steps, ""); break;
            case EditEvent.Reconstructed picture: Save(picture); break;
            case EditEvent.Checkpointed saved: Line($"{Title(saved.Stage)}: checkpoint at step {saved.Step}"); break;
            case EditEvent.StageCompleted completed: Complete(completed); break;
            case EditEvent.Notice notice: Line(notice.Text); break;
        }
    }

    private void Start(EditEvent.StageStarted started)
    {
        (_stageStarted, _lastLine, _firstStep) = (clock.GetTimestamp(), clock.GetTimestamp(), started.Step);
        if (bars is null || started.Step > 0)
        {
            Line(started.Step > 0
                ? $"{Title(started.Stage)}: going on from step {started.Step} of {started.Steps}"
                : $"{Title(started.Stage)}: {started.Steps} steps");
        }

        if (bars is null) return;
        var task = bars.AddTask(Title(started.Stage), maxValue: Math.Max(1, started.Steps));
        task.Value = started.Step;
        _tasks[started.Stage] = task;
    }

    private void Advance(EditStage stage, int step, int steps, string detail)
    {
        var elapsed = clock.GetElapsedTime(_stageStarted).TotalSeconds;
        var rate = (step - _firstStep) / Math.Max(elapsed, 1e-9);
        var text = $"{(detail.Length > 0 ? detail + "  " : "")}{rate:F1} steps/s";
        if (_tasks.TryGetValue(stage, out var task))
        {
            task.Value = step;
            task.Description = $"{Title(stage)}  [dim]{text}[/]";
        }
        else if (clock.GetElapsedTime(_lastLine) >= LineInterval)
        {
            _lastLine = clock.GetTimestamp();
            Line($"{Title(stage)}: step {step} of {steps}  {text}  about {(steps - step) / rate:F0} s left");
        }
    }

    private void Complete(EditEvent.StageCompleted completed)
    {
        if (_tasks.TryGetValue(completed.Stage, out var task)) task.Value = task.MaxValue;
        else Line($"{Title(completed.Stage)}: done after {completed.Step} steps, {completed.Elapsed.TotalSeconds:F1} s");
    }

    private void Save(EditEvent.Reconstructed reconstructed)
    {
        var previews = Path.Combine(folder, "previews");
        Directory.CreateDirectory(previews);
        var name = string.Create(CultureInfo.InvariantCulture, $"{reconstructed.Stage.Name()}-{reconstructed.Step:D5}.png");
        File.WriteAllBytes(Path.Combine(previews, name), ImageCodec.Default.Encode(reconstructed.Picture.ToImage(), ImageFormat.Png));
    }

    private void Line(string text) => console.WriteLine(text);

    private static string Title(EditStage stage) => stage switch
    {
        EditStage.Optimize => "1/3 optimize the embedding",
        EditStage.FineTune => "2/3 fine-tune the model   ",
        _ => "3/3 sample the pictures   ",
    };
}

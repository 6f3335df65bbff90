using System.Globalization;
using Imagic.Contracts.Edits;

namespace Imagic.Cli.Status;

/// <summary>What is to be said of an edit, in few words.</summary>
internal static class EditText
{
    public static string State(EditState state, bool cancelRequested) => cancelRequested && !state.HasEnded() ? "cancelling" : state.Name();

    /// <summary>Stage and step while it is at work.</summary>
    public static string Progress(EditSummary edit) => edit switch
    {
        { Progress: { } progress } when progress.Stage == edit.Stage =>
            string.Create(CultureInfo.InvariantCulture, $"{edit.Stage.Value.Name()} {progress.Step}/{progress.Steps}"),
        { Stage: { } stage } => stage.Name(),
        _ => edit.Error ?? "",
    };

    /// <summary>What a stage has cost, or how far it is.</summary>
    public static string Stage(EditView view, EditStage stage)
    {
        var status = view.Stages.FirstOrDefault(status => status.Stage == stage) ?? new(stage);
        var resumes = status.Resumes switch { 0 => "", 1 => ", resumed once", var times => $", resumed {times} times" };
        if (status.Done) return string.Create(CultureInfo.InvariantCulture, $"done after {status.Step} steps, {status.Seconds:F1} s{resumes}");
        if ((view.Beside?.Stage == stage ? view.Beside : view.Stage == stage ? view.Progress : null) is not { } progress || progress.Stage != stage) return "not begun";
        var speed = view.State == EditState.Running && progress is { StepsPerSecond: { } rate, SecondsLeft: { } left }
            ? string.Create(CultureInfo.InvariantCulture, $", {rate:F1} steps/s, about {left:F0} s left") : "";
        return string.Create(CultureInfo.InvariantCulture, $"step {progress.Step} of {progress.Steps}{speed}{resumes}");
    }

    public static string Duration(TimeSpan time) => time switch
    {
        { TotalSeconds: < 90 } => string.Create(CultureInfo.InvariantCulture, $"{Math.Max(0, time.TotalSeconds):F0} s"),
        { TotalMinutes: < 90 } => string.Create(CultureInfo.InvariantCulture, $"{time.TotalMinutes:F0} min"),
        { TotalHours: < 36 } => string.Create(CultureInfo.InvariantCulture, $"{time.TotalHours:F0} h"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{time.TotalDays:F0} days"),
    };
}

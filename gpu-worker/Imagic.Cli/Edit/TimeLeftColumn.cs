using System.Globalization;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace Imagic.Cli.Edit;

/// <summary>The time that a bar still takes, as whoever knows the speed says it; a bar that jumps tells nothing by itself.</summary>
internal sealed class TimeLeftColumn : ProgressColumn
{
    // "99:59:59"
    private const int Width = 8;
    private const string Key = "left";

    /// <summary>Says how long a bar still takes; null when that is over or not known.</summary>
    public static void Set(ProgressTask task, double? seconds) => task.State.Update<double>(Key, _ => seconds is { } value && double.IsFinite(value) ? value : -1);

    public override int? GetColumnWidth(RenderOptions options) => Width;

    public override IRenderable Render(RenderOptions options, ProgressTask task, TimeSpan deltaTime)
    {
        var seconds = task.State.Get<double>(Key);
        if (task.IsFinished || seconds <= 0) return Text.Empty;
        var left = TimeSpan.FromSeconds(Math.Min(seconds, TimeSpan.MaxValue.TotalSeconds / 2));
        var text = left.TotalHours < 1 ? left.ToString(@"mm\:ss", CultureInfo.InvariantCulture) : string.Create(CultureInfo.InvariantCulture, $"{Math.Floor(left.TotalHours):F0}:{left:mm\\:ss}");
        return new Text(text).RightJustified();
    }
}

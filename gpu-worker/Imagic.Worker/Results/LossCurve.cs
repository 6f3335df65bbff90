using System.Globalization;
using System.Text;

namespace Imagic.Worker.Results;

/// <summary>A loss curve as inline SVG: every step faint, and their running mean on top.</summary>
public static class LossCurve
{
    private const double Width = 320, Height = 140, Left = 38, Bottom = 18, Top = 6;

    /// <summary>Draws <paramref name="losses"/>; at least two.</summary>
    public static string Svg(ReadOnlySpan<float> losses)
    {
        var max = 0f;
        foreach (var loss in losses) max = Math.Max(max, loss);
        if (max == 0) max = 1;
        // Each step has its own timestep, so single losses jump by a factor of ten; the mean shows the trend.
        var smooth = RunningMean(losses, Math.Max(1, losses.Length / 12));
        return string.Create(CultureInfo.InvariantCulture,
            $"""
            <svg viewBox="0 0 {Width} {Height}" role="img" aria-label="loss over steps">
            <line x1="{Left}" y1="{Height - Bottom}" x2="{Width}" y2="{Height - Bottom}" stroke="var(--line)"/>
            <line x1="{Left}" y1="{Top}" x2="{Left}" y2="{Height - Bottom}" stroke="var(--line)"/>
            <text x="{Left - 4}" y="{Top + 9}" text-anchor="end">{max:G2}</text><text x="{Left - 4}" y="{Height - Bottom}" text-anchor="end">0</text>
            <text x="{Left}" y="{Height - 4}">1</text><text x="{Width}" y="{Height - 4}" text-anchor="end">{losses.Length}</text>
            <polyline points="{Points(losses, max)}" fill="none" stroke="currentColor" stroke-opacity=".22"/>
            <polyline points="{Points(smooth, max)}" fill="none" stroke="var(--mark)" stroke-width="2"/>
            </svg>
            """);
    }

    private static float[] RunningMean(ReadOnlySpan<float> values, int window)
    {
        var means = new float[values.Length];
        var sum = 0.0;
        for (var i = 0; i < values.Length; i++)
        {
            sum += values[i];
            if (i >= window) sum -= values[i - window];
            means[i] = (float)(sum / Math.Min(i + 1, window));
        }

        return means;
    }

    private static string Points(ReadOnlySpan<float> values, float max)
    {
        var points = new StringBuilder();
        for (var i = 0; i < values.Length; i++)
        {
            var x = Left + (Width - Left) * i / (values.Length - 1);
            var y = Top + (Height - Bottom - Top) * (1 - values[i] / max);
            points.Append(CultureInfo.InvariantCulture, $"{x:F1},{y:F1} ");
        }

        return points.ToString();
    }
}

namespace Imagic.Contracts.Settings;

/// <summary>
/// Ends an optimization once the mean loss of the last <paramref name="Window"/> steps is not lower than that of the
/// window before by <paramref name="MinImprovement"/>. A pure function of the losses, so a resumed run stops at the
/// same step.
/// </summary>
/// <param name="Window">Steps per mean; single losses are too noisy, since each has its own timestep.</param>
/// <param name="MinImprovement">Relative fall that counts as progress, e.g. 0.02.</param>
public sealed record EarlyStop(int Window, double MinImprovement)
{
    /// <summary>Whether a run with these losses so far should end.</summary>
    public bool ShouldStop(ReadOnlySpan<float> losses)
    {
        if (losses.Length < 2 * Window || losses.Length % Window != 0) return false;
        var recent = Mean(losses[^Window..]);
        var before = Mean(losses[^(2 * Window)..^Window]);
        return recent > before * (1 - MinImprovement);
    }

    internal void Validate(string stage)
    {
        if (Window is < 1 or > 10_000) throw new EditSettingsException($"{stage} early-stop window", "must lie in 1 to 10000");
        if (MinImprovement is not (>= 0 and < 1)) throw new EditSettingsException($"{stage} early-stop improvement", "must lie in 0 to 1");
    }

    private static double Mean(ReadOnlySpan<float> values)
    {
        var sum = 0.0;
        foreach (var value in values) sum += value;
        return sum / values.Length;
    }
}

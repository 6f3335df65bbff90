namespace Imagic.Diffusion.Schedulers;

/// <summary>Which training timesteps a run visits, first to last, falling.</summary>
internal static class TimestepTable
{
    /// <summary>Fractional timesteps where linspace does not meet whole ones.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The schedule has no room for so many steps.</exception>
    public static double[] Create(TimestepSpacing spacing, int steps, SchedulerConfig config)
    {
        var train = config.NumTrainTimesteps;
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(steps);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(steps, train);
        double[] timesteps = spacing switch
        {
            TimestepSpacing.Linspace => Linspace(train - 1, steps),
            TimestepSpacing.Leading => [.. Falling(steps).Select(i => i * (train / steps) + config.StepsOffset)],
            TimestepSpacing.Trailing =>
                [.. Falling(steps).Select(i => Math.Round((i + 1) * ((double)train / steps)) - 1)],
            _ => throw new ArgumentOutOfRangeException(nameof(spacing), spacing, "is no spacing of timesteps."),
        };
        if (timesteps[0] < train) return timesteps;
        throw new ArgumentOutOfRangeException(
            nameof(steps), steps, $"would start at timestep {timesteps[0]} of {train}; take fewer steps.");
    }

    private static IEnumerable<int> Falling(int count) => Enumerable.Range(0, count).Reverse();

    /// <summary>From <paramref name="last"/> down to 0.</summary>
    private static double[] Linspace(int last, int steps)
    {
        if (steps == 1) return [0];
        var distance = last / (steps - 1.0);
        double[] timesteps = [.. Falling(steps).Select(i => i * distance)];
        timesteps[0] = last;
        return timesteps;
    }
}

namespace Imagic.Editing.Checkpoints;

/// <summary>When the next checkpoint of a stage is due.</summary>
public abstract record CheckpointPolicy
{
    private CheckpointPolicy()
    {
    }

    /// <summary>Computing time between two checkpoints.</summary>
    /// <param name="cost">Time that steps waited for the newest checkpoint; null before the first.</param>
    public abstract TimeSpan Interval(TimeSpan? cost);

    /// <summary>Always the same interval.</summary>
    public sealed record Fixed(TimeSpan Every) : CheckpointPolicy
    {
        public override TimeSpan Interval(TimeSpan? cost) => Every;
    }

    /// <summary>
    /// T = √(2·C·M) (Young 1974, Daly 2006), which balances the cost C of a checkpoint against the work that is done
    /// again after a preemption, one in every M.
    /// </summary>
    /// <param name="MeanTimeBetweenPreemptions">M.</param>
    public sealed record YoungDaly(TimeSpan MeanTimeBetweenPreemptions) : CheckpointPolicy
    {
        /// <summary>Of the first checkpoint, whose cost is not known yet.</summary>
        public static readonly TimeSpan First = TimeSpan.FromSeconds(5);

        /// <summary>A cheap copy does not make the upload behind it free: it takes bandwidth and operations.</summary>
        public static readonly TimeSpan Shortest = TimeSpan.FromSeconds(2);

        public override TimeSpan Interval(TimeSpan? cost)
        {
            if (cost is not { } seconds) return First;
            var interval = TimeSpan.FromSeconds(Math.Sqrt(2 * seconds.TotalSeconds * MeanTimeBetweenPreemptions.TotalSeconds));
            return interval < Shortest ? Shortest : interval;
        }
    }
}

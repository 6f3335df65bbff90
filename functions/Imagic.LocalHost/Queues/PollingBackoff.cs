namespace Imagic.LocalHost.Queues;

/// <summary>
/// Pauses between looks at an empty queue: they double, each with up to 20 % of chance in it, from
/// <see cref="Minimum"/> to the longest; a message found starts again.
/// </summary>
internal sealed class PollingBackoff(TimeSpan longest, Random random)
{
    /// <summary>The first pause.</summary>
    public static readonly TimeSpan Minimum = TimeSpan.FromMilliseconds(100);

    private const double Spread = 0.2;

    private int _misses;

    /// <summary>A message was found.</summary>
    public void Reset() => _misses = 0;

    /// <summary>Nothing was found.</summary>
    /// <returns>How long to wait.</returns>
    public TimeSpan Next()
    {
        if (_misses == 0)
        {
            _misses = 1;
            return Minimum;
        }

        var factor = 1 - Spread + (2 * Spread * random.NextDouble());
        var pause = Minimum + (Minimum * (factor * Math.Pow(2, _misses - 1)));
        if (pause >= longest) return longest;
        _misses++;
        return pause;
    }
}

using System.Security.Cryptography;
using System.Text;

namespace Imagic.Webhooks;

/// <summary>When a webhook is called again: ten calls over three days, as Standard Webhooks recommends.</summary>
public static class WebhookSchedule
{
    // Of a receiver that comes back, not all callers come in the same second.
    private const double MostJitter = 0.1;

    private static readonly TimeSpan[] Delays =
    [
        TimeSpan.FromSeconds(5), TimeSpan.FromMinutes(5), TimeSpan.FromMinutes(30), TimeSpan.FromHours(2), TimeSpan.FromHours(5),
        TimeSpan.FromHours(10), TimeSpan.FromHours(14), TimeSpan.FromHours(20), TimeSpan.FromHours(24),
    ];

    /// <summary>Time until the next call; null when there is none.</summary>
    /// <param name="id">Names what is told; its calls are spread by it.</param>
    /// <param name="tries">Calls so far, at least 1.</param>
    /// <param name="wanted">Time for which the receiver wants to be left alone; a day of it is granted.</param>
    public static TimeSpan? After(string id, int tries, TimeSpan? wanted)
    {
        if (tries > Delays.Length) return null;
        var hash = SHA256.HashData(Encoding.UTF8.GetBytes($"{id}\n{tries}"));
        var delay = Delays[tries - 1] * (1 + MostJitter * BitConverter.ToUInt16(hash) / ushort.MaxValue);
        var granted = wanted < Delays[^1] ? wanted.Value : wanted is null ? TimeSpan.Zero : Delays[^1];
        return delay > granted ? delay : granted;
    }
}

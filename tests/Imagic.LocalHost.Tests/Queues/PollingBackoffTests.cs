using Imagic.LocalHost.Queues;

namespace Imagic.LocalHost.Tests.Queues;

public sealed class PollingBackoffTests
{
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(2);

    [Fact]
    public void Next_WhileNothingIsFound_GrowsFromTheShortestToTheLongest()
    {
        var backoff = new PollingBackoff(Longest, new(1));

        var pauses = Enumerable.Range(0, 12).Select(_ => backoff.Next()).ToList();

        Assert.Equal(PollingBackoff.Minimum, pauses[0]);
        Assert.InRange(pauses[1].TotalMilliseconds, 180, 220); // 100 + 100 · (1 ± 0.2)
        Assert.InRange(pauses[2].TotalMilliseconds, 260, 340); // 100 + 200 · (1 ± 0.2)
        Assert.Equal(pauses.Order(), pauses);
        Assert.Equal(Longest, pauses[^1]);
    }

    [Fact]
    public void Next_AfterReset_StartsAgain()
    {
        var backoff = new PollingBackoff(Longest, new(1));
        for (var i = 0; i < 5; i++) backoff.Next();

        backoff.Reset();

        Assert.Equal(PollingBackoff.Minimum, backoff.Next());
    }
}

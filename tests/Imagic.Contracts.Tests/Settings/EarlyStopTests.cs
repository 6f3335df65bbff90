using Imagic.Contracts.Settings;

namespace Imagic.Contracts.Tests.Settings;

public class EarlyStopTests
{
    private static readonly EarlyStop Stop = new(4, 0.1);

    [Fact]
    public void ShouldStop_WhileTheMeanFalls_IsFalse() => Assert.False(Stop.ShouldStop([4, 4, 4, 4, 3, 3, 3, 3]));

    [Fact]
    public void ShouldStop_OnceTheMeanStays_IsTrue() => Assert.True(Stop.ShouldStop([4, 2, 4, 2, 3, 3, 3, 2.9f]));

    [Fact]
    public void ShouldStop_BetweenWindows_IsFalse() => Assert.False(Stop.ShouldStop([3, 3, 3, 3, 3, 3, 3, 3, 3]));

    [Fact]
    public void ShouldStop_WithLessThanTwoWindows_IsFalse() => Assert.False(Stop.ShouldStop([3, 3, 3, 3]));
}

using Imagic.Editing.Checkpoints;

namespace Imagic.Editing.Tests.Checkpoints;

public class CheckpointPolicyTests
{
    private static readonly CheckpointPolicy.YoungDaly Hourly = new(TimeSpan.FromHours(1));

    // The values of √(2·C·M) for M = 1 h.
    [Theory]
    [InlineData(1, 84.853)]
    [InlineData(5, 189.737)]
    [InlineData(20, 379.473)]
    public void YoungDaly_Interval_IsTheRootOfTwoCM(double cost, double seconds) =>
        Assert.Equal(seconds, Hourly.Interval(TimeSpan.FromSeconds(cost)).TotalSeconds, 3);

    [Fact]
    public void YoungDaly_OfAFreeCheckpoint_StillLeavesAPause() =>
        Assert.Equal(CheckpointPolicy.YoungDaly.Shortest, Hourly.Interval(TimeSpan.Zero));

    [Fact]
    public void YoungDaly_BeforeAnythingIsMeasured_TriesSoon() => Assert.Equal(CheckpointPolicy.YoungDaly.First, Hourly.Interval(null));

    [Fact]
    public void Fixed_Interval_IgnoresTheCost() =>
        Assert.Equal(TimeSpan.FromSeconds(7), new CheckpointPolicy.Fixed(TimeSpan.FromSeconds(7)).Interval(TimeSpan.FromHours(1)));
}

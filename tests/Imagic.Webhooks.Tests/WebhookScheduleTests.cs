namespace Imagic.Webhooks.Tests;

public class WebhookScheduleTests
{
    [Fact]
    public void After_OverAllTries_TakesThreeDays()
    {
        var delays = new List<TimeSpan>();
        while (WebhookSchedule.After("msg_1", delays.Count + 1, wanted: null) is { } delay) delays.Add(delay);

        Assert.Equal(9, delays.Count);
        Assert.Equal(delays.Order(), delays);
        Assert.InRange(delays[0], TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(5.5));
        var all = delays.Aggregate(TimeSpan.Zero, (sum, delay) => sum + delay);
        Assert.InRange(all, new TimeSpan(75, 35, 5), new TimeSpan(75, 35, 5) * 1.1);
    }

    [Fact]
    public void After_OfSeveralWebhooks_IsSpread()
    {
        var delays = Enumerable.Range(0, 100).Select(i => WebhookSchedule.After($"msg_{i}", 9, wanted: null)!.Value).ToList();

        Assert.InRange(delays.Distinct().Count(), 95, 100);
        Assert.All(delays, delay => Assert.InRange(delay, TimeSpan.FromHours(24), TimeSpan.FromHours(26.4)));
        Assert.InRange(delays.Average(delay => delay.TotalHours), 24.9, 25.5);
    }

    [Theory]
    [InlineData(1, 3600, 3600)] // later than by the plan
    [InlineData(1, 1_000_000, 86_400)] // a day is granted
    [InlineData(4, 1, 7200)] // not sooner
    [InlineData(4, -5, 7200)]
    public void After_WhenTheReceiverWantsToBeLeftAlone_IsNotBefore(int tries, int wanted, int least) => Assert.InRange(
        WebhookSchedule.After("msg_1", tries, TimeSpan.FromSeconds(wanted))!.Value, TimeSpan.FromSeconds(least), TimeSpan.FromSeconds(least * 1.1));
}

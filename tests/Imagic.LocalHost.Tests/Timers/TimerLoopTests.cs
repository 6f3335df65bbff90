using Imagic.Tests;
using Microsoft.Extensions.Logging;

namespace Imagic.LocalHost.Tests.Timers;

public sealed class TimerLoopTests(AzuriteFixture azurite)
{
    [Fact]
    public async Task Timer_RunsOncePerTimeOfItsSchedule_AlsoAfterAFailure()
    {
        await using var app = new TestApp(azurite);
        await app.StartAsync();

        await Until.TrueAsync(() => Ticks().Count >= 3, "it ran three times");

        Assert.All(Ticks(), tick => Assert.Equal("False", tick.Body));
        var seconds = Ticks().Select(tick => tick.Milliseconds / 1000).ToList();
        Assert.Equal(seconds.Distinct(), seconds);
        Assert.Contains(app.Log, line => line is { Level: LogLevel.Error } && line.Text.Contains("It fails each time.", StringComparison.Ordinal));

        IReadOnlyList<Recorded> Ticks() => [.. app.Records.Where(record => record.Kind == "tick")];
    }
}

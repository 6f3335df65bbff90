using System.Diagnostics.Metrics;
using Azure;
using Imagic.Storage.Resilience;
using Imagic.TestKit;

namespace Imagic.Storage.Tests.Resilience;

public class WaitingPipelinesTests
{
    private readonly JumpingTime _time = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Readiness_OfSomethingThatComes_WaitsForIt()
    {
        var left = 3;

        var answer = await ResiliencePipelines.Readiness(_time, TimeSpan.FromMinutes(1), exception => exception is IOException)
            .ExecuteAsync(_ => left-- > 0 ? throw new IOException("not yet") : ValueTask.FromResult("here"), Token);

        // A pause of nothing, which jitter may give, is no wait.
        Assert.Equal(("here", -1), (answer, left));
        Assert.InRange(_time.Waits.Count, 1, 3);
    }

    [Fact]
    public async Task Readiness_OfSomethingThatNeverComes_EndsWithTheLastFailureAfterThePatience()
    {
        var started = _time.GetTimestamp();
        var calls = 0;

        var exception = await Assert.ThrowsAsync<IOException>(async () =>
            await ResiliencePipelines.Readiness(_time, TimeSpan.FromMinutes(1), exception => exception is IOException)
                .ExecuteAsync(_ => throw new IOException($"{++calls}"), Token));

        Assert.Equal($"{calls}", exception.Message);
        Assert.InRange(_time.GetElapsedTime(started), TimeSpan.FromMinutes(1), TimeSpan.FromSeconds(61));
        Assert.All(_time.Waits, wait => Assert.InRange(wait, TimeSpan.Zero, TimeSpan.FromMilliseconds(250)));
    }

    [Fact]
    public async Task Readiness_OfSomethingThatIsBroken_DoesNotWait()
    {
        await Assert.ThrowsAsync<InvalidOperationException>(async () =>
            await ResiliencePipelines.Readiness(_time, TimeSpan.FromMinutes(1), exception => exception is IOException)
                .ExecuteAsync(_ => throw new InvalidOperationException("ended"), Token));

        Assert.Empty(_time.Waits);
    }

    [Fact]
    public async Task Outage_ThatLastsForDays_IsSatOutWithPausesWithinBounds()
    {
        var (left, told) = (5000, 0);

        await ResiliencePipelines.Outage(_time, TimeSpan.FromSeconds(1), _ => told++)
            .ExecuteAsync(_ => left-- > 0 ? throw new RequestFailedException(403, "no") : ValueTask.CompletedTask, Token);

        Assert.Equal((5000, 5000), (told, _time.Waits.Count));
        Assert.All(_time.Waits, wait => Assert.InRange(wait, TimeSpan.Zero, TimeSpan.FromSeconds(1)));
        Assert.InRange(_time.Waits.TakeLast(1000).Average(wait => wait.TotalSeconds), 0.3, 1);
    }

    [Fact]
    public async Task Outage_GivenUpDuringAPause_EndsAtOnce()
    {
        var time = new StandingTime();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var work = ResiliencePipelines.Outage(time, TimeSpan.FromSeconds(1), _ => { })
            .ExecuteAsync(_ => throw new IOException("away"), stop.Token).AsTask();
        await time.Waiting;

        await stop.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => work);
    }

    [Fact]
    public async Task Download_ThatBreaks_BeginsAgainAFewTimes()
    {
        var calls = 0;

        await Assert.ThrowsAsync<IOException>(async () => await ResiliencePipelines.Download(_time)
            .ExecuteAsync(_ => throw new IOException($"{++calls}"), Token));

        Assert.Equal((4, 3), (calls, _time.Waits.Count));
    }

    [Fact]
    public async Task Download_OfWhatIsNotThere_IsNotRepeated()
    {
        await Assert.ThrowsAsync<RequestFailedException>(async () => await ResiliencePipelines.Download(_time)
            .ExecuteAsync(_ => throw new RequestFailedException(404, "gone"), Token));

        Assert.Empty(_time.Waits);
    }

    [Fact]
    public async Task Retries_AreMeteredUnderThePipelinesName()
    {
        var (left, retries) = (2, 0);
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, own) =>
            {
                if (instrument.Meter.Name == ResiliencePipelines.MeterName) own.EnableMeasurementEvents(instrument);
            },
        };
        listener.SetMeasurementEventCallback<int>((_, value, tags, _) =>
        {
            if (tags.Contains(new("event.name", "OnRetry")) && tags.Contains(new("pipeline.name", "download"))) Interlocked.Add(ref retries, value);
        });
        listener.Start();

        await ResiliencePipelines.Download(_time).ExecuteAsync(_ => left-- > 0 ? throw new IOException("broke") : ValueTask.CompletedTask, Token);

        Assert.True(retries >= 2, $"{retries} were metered");
    }
}

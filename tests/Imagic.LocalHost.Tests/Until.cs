namespace Imagic.LocalHost.Tests;

/// <summary>Waits for what another process will do, but not for ever.</summary>
internal static class Until
{
    private static readonly TimeSpan WaitLimit = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(20);

    public static Task TrueAsync(Func<bool> condition, string what) => TrueAsync(() => Task.FromResult(condition()), what);

    public static async Task TrueAsync(Func<Task<bool>> condition, string what)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        deadline.CancelAfter(WaitLimit);
        while (!await condition())
        {
            if (deadline.IsCancellationRequested) Assert.Fail($"It did not happen: {what}");
            await Task.Delay(PollInterval, CancellationToken.None);
        }
    }

    /// <summary>Looks again and again for as long as <paramref name="period"/> whether a condition holds.</summary>
    public static async Task StaysTrueAsync(Func<bool> condition, TimeSpan period, string what)
    {
        var start = TimeProvider.System.GetTimestamp();
        while (TimeProvider.System.GetElapsedTime(start) < period)
        {
            Assert.True(condition(), $"It does not hold any more: {what}");
            await Task.Delay(PollInterval, TestContext.Current.CancellationToken);
        }
    }
}

using System.Collections.Concurrent;
using Microsoft.Extensions.Time.Testing;

namespace Imagic.TestKit;

/// <summary>A clock on which every wait is over at once, and has taken the time that it should.</summary>
public sealed class JumpingTime : FakeTimeProvider
{
    /// <summary>The waits so far.</summary>
    public ConcurrentQueue<TimeSpan> Waits { get; } = [];

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = base.CreateTimer(callback, state, dueTime, period);
        Waits.Enqueue(dueTime);
        // Not on this stack: who waits has not got the timer yet.
        ThreadPool.QueueUserWorkItem(_ => Advance(dueTime));
        return timer;
    }
}

/// <summary>A clock that stands still and tells when a wait has begun.</summary>
public sealed class StandingTime : FakeTimeProvider
{
    private readonly TaskCompletionSource<TimeSpan> _waiting = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Ends with the first wait's length when it begins.</summary>
    public Task<TimeSpan> Waiting => _waiting.Task;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = base.CreateTimer(callback, state, dueTime, period);
        _waiting.TrySetResult(dueTime);
        return timer;
    }
}

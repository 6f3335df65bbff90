namespace Imagic.LocalHost.FunctionRpc;

/// <summary>Counts crashes as the host does: one that comes long after the one before starts a new count.</summary>
internal sealed class CrashCount(TimeProvider time)
{
    /// <summary>Crashes after which the host gives up.</summary>
    public const int Limit = 3;

    /// <summary>Time without a crash after which earlier ones are forgotten.</summary>
    public static readonly TimeSpan Window = TimeSpan.FromMinutes(30);

    private DateTimeOffset _last;
    private int _count;

    /// <summary>Counts one.</summary>
    /// <returns>Whether it was one too many.</returns>
    public bool Add()
    {
        var now = time.GetUtcNow();
        _count = _count > 0 && now - _last <= Window ? _count + 1 : 1;
        _last = now;
        return _count >= Limit;
    }
}

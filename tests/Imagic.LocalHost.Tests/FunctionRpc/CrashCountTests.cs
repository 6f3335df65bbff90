using Imagic.LocalHost.FunctionRpc;
using Microsoft.Extensions.Time.Testing;

namespace Imagic.LocalHost.Tests.FunctionRpc;

public sealed class CrashCountTests
{
    private readonly FakeTimeProvider _time = new();

    [Fact]
    public void Add_ThreeWithinTheWindow_IsTooMany()
    {
        var crashes = new CrashCount(_time);

        Assert.Equal([false, false, true], Enumerable.Range(0, 3).Select(_ => Crash(crashes, TimeSpan.FromMinutes(29))));
    }

    [Fact]
    public void Add_AfterALongQuietTime_StartsAgain()
    {
        var crashes = new CrashCount(_time);
        Crash(crashes, TimeSpan.FromMinutes(1));
        Crash(crashes, TimeSpan.FromMinutes(31));

        Assert.Equal([false, false, true], Enumerable.Range(0, 3).Select(_ => Crash(crashes, TimeSpan.FromMinutes(1))));
    }

    private bool Crash(CrashCount crashes, TimeSpan quiet)
    {
        var tooMany = crashes.Add();
        _time.Advance(quiet);
        return tooMany;
    }
}

using Imagic.Functions.Health;
using Imagic.Functions.Tests.Edits;
using Imagic.Storage;
using Imagic.Tests;
using Microsoft.Extensions.Time.Testing;

namespace Imagic.Functions.Tests.Health;

public class StorageHealthTests(AzuriteFixture azurite)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task IsComplete_AskedByMany_LooksOnceInSomeSeconds()
    {
        var options = azurite.NewOptions();
        await new StorageAccount(options).EnsureCreatedAsync(Token);
        var (probe, time) = (new CrashProbe(0, false), new FakeTimeProvider());
        var health = new StorageHealth(new(options, probe), time);

        Assert.All(await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => health.IsCompleteAsync(Token))), Assert.True);
        time.Advance(TimeSpan.FromSeconds(4.9));
        Assert.True(await health.IsCompleteAsync(Token));
        Assert.Equal(2, probe.Calls);

        await new StorageAccount(options).Edits.DeleteAsync(cancellationToken: Token);
        time.Advance(TimeSpan.FromSeconds(0.2));
        Assert.False(await health.IsCompleteAsync(Token));
        Assert.Equal(4, probe.Calls);
    }
}

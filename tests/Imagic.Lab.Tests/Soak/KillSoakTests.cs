using Imagic.Contracts.Settings;
using Imagic.Lab.Soak;
using Imagic.TestKit;
using Imagic.Tests;

namespace Imagic.Lab.Tests.Soak;

public class KillSoakTests(AzuriteFixture azurite)
{
    // Each boundary is a process of its own; the long form has them all.
    private static readonly EditSettings Short = MicroEdit.Settings with
    {
        Optimize = MicroEdit.Settings.Optimize with { Steps = 2 },
        FineTune = MicroEdit.Settings.FineTune with { Steps = 2 },
        Sample = MicroEdit.Settings.Sample with { Steps = 2 },
    };

    [Fact]
    public async Task Edit_KilledAtEveryStepBoundaryAndAtRandom_EndsWithTheSameBytes()
    {
        var figures = new StringWriter();

        var good = await new KillSoak(azurite.NewOptions(), new TestLogger(), figures, settings: Short).RunAsync(2, seed: 2, TestContext.Current.CancellationToken);

        TestContext.Current.TestOutputHelper!.WriteLine(figures.ToString());
        Assert.True(good, figures.ToString());
    }
}

using Imagic.Lab.Soak;
using Imagic.TestKit;
using Imagic.Tests;

namespace Imagic.Lab.Tests.Soak;

public class KillSoakTests(AzuriteFixture azurite)
{
    [Fact]
    public async Task Edit_KilledAtEveryStepBoundaryAndAtRandom_EndsWithTheSameBytes()
    {
        var figures = new StringWriter();

        var good = await new KillSoak(azurite.NewOptions(), new TestLogger(), figures).RunAsync(3, seed: 2, TestContext.Current.CancellationToken);

        TestContext.Current.TestOutputHelper!.WriteLine(figures.ToString());
        Assert.True(good, figures.ToString());
    }
}

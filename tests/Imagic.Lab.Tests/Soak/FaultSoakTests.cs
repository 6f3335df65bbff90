using Imagic.Lab.Soak;
using Imagic.TestKit;
using Imagic.Tests;

namespace Imagic.Lab.Tests.Soak;

public class FaultSoakTests(AzuriteFixture azurite)
{
    [Fact]
    public async Task Edit_WithAStorageCallDisturbed_EndsWithTheSameBytesAndNothingLeft()
    {
        var figures = new StringWriter();

        var good = await new FaultSoak(azurite.NewOptions(), new TestLogger(), figures).RunAsync(every: 47, TestContext.Current.CancellationToken);

        TestContext.Current.TestOutputHelper!.WriteLine(figures.ToString());
        Assert.True(good, figures.ToString());
    }

    [Fact]
    public async Task Edit_WithoutDiskOrDevice_IsLeftAsItWasAndEndsWithTheSameBytes()
    {
        var figures = new StringWriter();

        var good = await new MachineFaultSoak(await azurite.NewAccountAsync(), new TestLogger(), figures).RunAsync(every: 61, TestContext.Current.CancellationToken);

        TestContext.Current.TestOutputHelper!.WriteLine(figures.ToString());
        Assert.True(good, figures.ToString());
    }
}

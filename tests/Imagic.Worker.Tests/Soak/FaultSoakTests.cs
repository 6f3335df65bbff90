using Imagic.Tests;
using Imagic.Worker.Soak;

namespace Imagic.Worker.Tests.Soak;

public class FaultSoakTests(AzuriteFixture azurite)
{
    [Fact]
    public async Task Edit_WithAStorageCallDisturbed_EndsWithTheSameBytesAndNothingLeft()
    {
        var figures = new StringWriter();

        var good = await new FaultSoak(azurite.NewOptions(), new TestLogger(), figures).RunAsync(every: 23, TestContext.Current.CancellationToken);

        TestContext.Current.TestOutputHelper!.WriteLine(figures.ToString());
        Assert.True(good, figures.ToString());
    }
}

using Imagic.Lab.Soak;
using Imagic.Tests;

namespace Imagic.Lab.Tests.Soak;

public class WaitSoakTests(AzuriteFixture azurite)
{
    [Fact]
    public async Task AFewClients_SeeTheirEditsMoveInEveryWay()
    {
        var figures = new StringWriter();

        var good = await new WaitSoak(azurite.NewOptions(), figures).RunAsync(clients: 4, seconds: 6, TestContext.Current.CancellationToken);

        TestContext.Current.TestOutputHelper!.WriteLine(figures.ToString());
        Assert.True(good, figures.ToString());
    }
}

using Imagic.Lab.Soak;
using Imagic.Tests;

namespace Imagic.Lab.Tests.Soak;

public class ListSoakTests(AzuriteFixture azurite)
{
    [Fact]
    public async Task MoreEditsThanAPageHolds_AreListedAPageAtATime()
    {
        var figures = new StringWriter();

        var good = await new ListSoak(azurite.NewOptions(), figures).RunAsync(130, rounds: 1, TestContext.Current.CancellationToken);

        TestContext.Current.TestOutputHelper!.WriteLine(figures.ToString());
        Assert.True(good, figures.ToString());
    }
}

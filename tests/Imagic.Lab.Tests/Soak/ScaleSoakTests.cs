using Imagic.Lab.Soak;
using Imagic.TestKit;
using Imagic.Tests;

namespace Imagic.Lab.Tests.Soak;

public class ScaleSoakTests(AzuriteFixture azurite)
{
    [Fact]
    public async Task Queues_ThatStartAndStopWorkers_FinishEveryEditAndLeaveNoWorker()
    {
        var figures = new StringWriter();

        var good = await new ScaleSoak(azurite.NewOptions(), new TestLogger(), figures)
            .RunAsync(edits: 3, mostExecutions: 3, stops: 2, seed: 1, TestContext.Current.CancellationToken);

        TestContext.Current.TestOutputHelper!.WriteLine(figures.ToString());
        Assert.True(good, figures.ToString());
        Assert.Contains("at most 3 of one stage", figures.ToString(), StringComparison.Ordinal);
    }
}

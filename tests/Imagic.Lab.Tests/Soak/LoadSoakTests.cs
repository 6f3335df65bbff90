using Imagic.Lab.Soak;

namespace Imagic.Lab.Tests.Soak;

public class LoadSoakTests
{
    [Fact]
    public async Task ManyEdits_ThroughAPipelineWithThreeWorkers_AllEndOnce()
    {
        var figures = new StringWriter();

        var good = await new LoadSoak(figures).RunAsync(12, withCalls: false, TestContext.Current.CancellationToken);

        TestContext.Current.TestOutputHelper!.WriteLine(figures.ToString());
        Assert.True(good, figures.ToString());
    }
}

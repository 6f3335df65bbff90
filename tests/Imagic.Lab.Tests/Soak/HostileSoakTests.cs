using Imagic.Lab.Soak;

namespace Imagic.Lab.Tests.Soak;

public class HostileSoakTests
{
    [Fact]
    public async Task Attacks_OfEveryKind_EndNothingAndHonestEditsSucceed()
    {
        var figures = new StringWriter();

        var good = await new HostileSoak(figures).RunAsync(100, seed: 1, TestContext.Current.CancellationToken);

        TestContext.Current.TestOutputHelper!.WriteLine(figures.ToString());
        Assert.True(good, figures.ToString());
    }
}

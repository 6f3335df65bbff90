using Imagic.Lab.Soak;
using Imagic.Tests;

namespace Imagic.Lab.Tests.Soak;

public class DirectKillSoakTests
{
    [Fact]
    public async Task Edit_KilledAtRandomMoments_EndsWithTheSameBytes()
    {
        var figures = new StringWriter();
        var picture = Path.Combine(RepositoryFiles.Model("emoji-64"), "samples", "red-heart.png");

        var same = await new DirectKillSoak(ImagicProcess.Path, RepositoryFiles.Fixture("starter-64"), picture, figures).RunAsync(kills: 1, seed: 4, TestContext.Current.CancellationToken);

        Assert.True(same, figures.ToString());
        Assert.Contains("all the same bytes", figures.ToString(), StringComparison.Ordinal);
    }
}

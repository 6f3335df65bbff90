using Imagic.Lab.Soak;
using Imagic.TestKit;
using Imagic.Tests;

namespace Imagic.Lab.Tests.Soak;

public class CheckpointSoakTests(AzuriteFixture azurite)
{
    // In several blocks, and not a multiple of their size; what it costs is judged by the long run on a quiet machine.
    [Fact]
    public async Task Checkpoint_OfManyBlocks_IsWrittenAndReadBack()
    {
        var figures = new StringWriter();

        await new CheckpointSoak(await azurite.NewAccountAsync(), figures).RunAsync(60_000_012, 2, TestContext.Current.CancellationToken);

        Assert.Contains("read back and verified", figures.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain("cannot be used", figures.ToString(), StringComparison.Ordinal);
    }
}

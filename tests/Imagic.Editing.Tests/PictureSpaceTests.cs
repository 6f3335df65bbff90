using static Imagic.Diffusion.Scalars;
using static TorchSharp.torch;

namespace Imagic.Editing.Tests;

public class PictureSpaceTests
{
    [Fact]
    public void Distance_OfTheSameDirections_IsZeroWhateverTheirLengths()
    {
        using var scope = NewDisposeScope();
        var source = Latents([3, 4, 1, 0]);

        Assert.All(LatentSpace.Distance(cat([source, source * Held(7)]), source), distance => Assert.Equal(0, distance, 1e-6));
    }

    [Fact]
    public void Distance_IsTheRootMeanSquareOverPositions()
    {
        using var scope = NewDisposeScope();

        // Two positions of two channels: the first turns by 90°, |â − b̂|² = 2, the second by 180°, |â − b̂|² = 4.
        Assert.Equal(Math.Sqrt(3), Assert.Single(LatentSpace.Distance(Latents([0, -2, 5, 0]), Latents([1, 1, 0, 0]))), 1e-6);
    }

    [Fact]
    public void Distances_OfSmallPictures_AreSharesOfTheRange()
    {
        using var scope = NewDisposeScope();
        var black = full([1, 3, 2, 2], Held(-1f));

        Assert.Equal([0, 0.5, 1], new SmallPictureSpace(4).Distances(cat([black, full([1, 3, 2, 2], Held(0f)), full([1, 3, 2, 2], Held(1f))]), black));
    }

    /// <summary>(1, 2, 1, 2), channels first.</summary>
    private static Tensor Latents(float[] values) => tensor(values, [1, 2, 1, 2]);
}

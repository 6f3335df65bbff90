using static TorchSharp.torch;

namespace Imagic.Lab.DataSet;

/// <summary>Random pictures for the two networks that see pixels: drawings for training on white or on any colour.</summary>
static class ImageDraw
{
    const double WhiteShare = 0.5;

    /// <summary>Drawing indices (B) int64, and pictures (B, 3, side, side) in [−1, 1].</summary>
    /// <param name="generator">Lives on the drawings' device.</param>
    public static (Tensor Indices, Tensor Pictures) Next(DeviceDrawings drawings, int batch, Generator generator)
    {
        using var scope = NewDisposeScope();
        var device = drawings.Device;
        var indices = randint(drawings.TrainingCount, [batch], device: device, generator: generator);
        var colours = rand(batch, 3, device: device, generator: generator).mul_(255);
        var white = rand(batch, 1, device: device, generator: generator).lt(WhiteShare);
        return scope.MoveToOuter(indices, drawings.Compose(indices, colours.masked_fill(white, 255)));
    }
}

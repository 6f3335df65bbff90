using static Imagic.Diffusion.Scalars;
using static TorchSharp.torch;

namespace Imagic.Lab.DataSet;

/// <summary>All drawings of a data set in device memory, where batches of pictures are put together.</summary>
public sealed class DeviceDrawings : IDisposable
{
    private readonly Tensor _drawings;

    /// <param name="data">What to load, all of it.</param>
    public DeviceDrawings(DataSetReader data, Device device)
    {
        ArgumentNullException.ThrowIfNull(data);
        using var scope = NewDisposeScope();
        _drawings = tensor(data.ReadAll(), [data.Items.Count, data.Side, data.Side, 4], dtype: ScalarType.Byte).to(device)
            .DetachFromDisposeScope();
        (TrainingCount, Side) = (data.Manifest.Training, data.Side);
    }

    /// <summary>The first so many drawings are for training.</summary>
    public int TrainingCount { get; }

    public int Count => (int)_drawings.shape[0];

    /// <summary>Width and height, pixels.</summary>
    public int Side { get; }

    public Device Device => _drawings.device;

    /// <summary>Pictures (B, 3, Side, Side) float32 in [−1, 1].</summary>
    /// <param name="indices">Which drawings, int64 (B).</param>
    /// <param name="colours">What is behind each, float32 (B, 3) in [0, 255].</param>
    public Tensor Compose(Tensor indices, Tensor colours)
    {
        using var scope = NewDisposeScope();
        var drawn = _drawings.index_select(0, indices).permute(0, 3, 1, 2).to(ScalarType.Float32);
        var through = drawn.narrow(1, 3, 1).mul(Held(-1f / 255)).add_(One, One);
        var picture = drawn.narrow(1, 0, 3).add(through.mul(colours.view(-1, 3, 1, 1)), One);
        return picture.clamp_(Held(0), Held(255)).mul_(Held(2f / 255)).sub_(Held(1)).contiguous().MoveToOuterDisposeScope();
    }

    public void Dispose() => _drawings.Dispose();

    /// <summary>Colours (N, 3) float32 on this device.</summary>
    public Tensor Colours(IEnumerable<Background> backgrounds)
    {
        float[] values = [.. backgrounds.SelectMany(background => new float[] { background.Red, background.Green, background.Blue })];
        return tensor(values, [values.Length / 3, 3], dtype: ScalarType.Float32).to(Device);
    }
}

/// <summary>Random pictures for the two networks that see pixels: drawings for training on white or on any colour.</summary>
internal static class ImageDraw
{
    private const double WhiteShare = 0.5;

    /// <summary>Drawing indices (B) int64, and pictures (B, 3, side, side) in [−1, 1].</summary>
    /// <param name="generator">Lives on the drawings' device.</param>
    public static (Tensor Indices, Tensor Pictures) Next(DeviceDrawings drawings, int batch, Generator generator)
    {
        using var scope = NewDisposeScope();
        var device = drawings.Device;
        var indices = randint(drawings.TrainingCount, [batch], device: device, generator: generator);
        var colours = rand(batch, 3, device: device, generator: generator).mul_(Held(255));
        var white = rand(batch, 1, device: device, generator: generator).lt(Held(WhiteShare));
        return scope.MoveToOuter(indices, drawings.Compose(indices, colours.masked_fill(white, Held(255))));
    }
}

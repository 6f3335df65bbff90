using Imagic.Editing.Checkpoints;
using TorchSharp;
using static Imagic.Diffusion.Scalars;
using static TorchSharp.torch;

namespace Imagic.Editing.Descent;

/// <summary>One number per parameter that an optimizer keeps from step to step, taken out and put back piece by piece.</summary>
/// <param name="device">Where it is computed with; it may be kept elsewhere.</param>
internal abstract class FlatState(Device device) : IDisposable
{
    protected Device Device => device;

    /// <summary>A piece as float32 on the device, perhaps a view; change it in place and put it back.</summary>
    public abstract Tensor Take(long start, long length);

    /// <param name="step">Number of the update.</param>
    public abstract void Put(long start, Tensor piece, int step);

    /// <summary>Live tensors that are all of it.</summary>
    public abstract IReadOnlyList<NamedTensor> Tensors(string name);

    public abstract void Dispose();
}

/// <summary>Kept as it is.</summary>
/// <param name="values">float32, (n), on any device.</param>
internal sealed class FloatState(Tensor values, Device device) : FlatState(device)
{
    public Tensor Values => values;

    public override Tensor Take(long start, long length) => values.narrow(0, start, length).to(Device);

    public override void Put(long start, Tensor piece, int step)
    {
        if (values.device_type != piece.device_type) values.narrow(0, start, piece.numel()).copy_(piece);
    }

    public override IReadOnlyList<NamedTensor> Tensors(string name) => [new(name, values)];

    public override void Dispose() => values.Dispose();
}

/// <summary>
/// Kept in 8 bits, in blocks with a scale of their own (as Dettmers et al., arXiv 2110.02861, with other levels): powers of
/// one ratio below the block's largest magnitude, so that the relative error is the same for all. Numbers between two levels
/// go to either one in proportion: a moment that grows by a thousandth per step would stand still if each went to the
/// nearest.
/// </summary>
/// <param name="count">n.</param>
/// <param name="isSigned">Whether there are negative numbers; if not there is no zero either, nothing may be divided by it.</param>
/// <param name="kept">Where the bytes are.</param>
/// <param name="device">Where they are computed with.</param>
internal sealed class ByteState(long count, bool isSigned, Device kept, Device device) : FlatState(device)
{
    public const int Block = 256;

    private const double Golden = 0.6180339887498949, Plastic = 0.7548776662466927; // whose multiples fill the unit interval evenly

    private readonly Tensor _codes = zeros((count + Block - 1) / Block * Block, dtype: ScalarType.Byte, device: kept).DetachFromDisposeScope();
    private readonly Tensor _scales = zeros((count + Block - 1) / Block, dtype: ScalarType.Float32, device: kept).DetachFromDisposeScope();
    private readonly Tensor _levels = Levels(isSigned, device);
    private readonly Tensor _dither = Dither(device);

    /// <summary>Decimal orders of magnitude between the largest and the smallest level.</summary>
    private static int Orders(bool isSigned) => isSigned ? 5 : 10;

    private static int Last(bool isSigned) => isSigned ? 127 : 255;

    /// <summary>Ratio of two neighbouring levels.</summary>
    public static double Ratio(bool isSigned) => Math.Pow(10, (double)Orders(isSigned) / (isSigned ? 126 : 255));

    public override Tensor Take(long start, long length)
    {
        var (first, blocks) = (start / Block, (length + Block - 1) / Block);
        var codes = _codes.narrow(0, first * Block, blocks * Block).to(Device).view(blocks, Block).to(ScalarType.Int32);
        var scales = _scales.narrow(0, first, blocks).to(Device).unsqueeze(1);
        var signed = isSigned ? codes.sub(Held(127)) : codes;
        var values = _levels.index_select(0, signed.abs().view(-1)).view(blocks, Block).mul(scales);
        return (isSigned ? values.mul(signed.sign()) : values).view(-1).narrow(0, 0, length);
    }

    public override void Put(long start, Tensor piece, int step)
    {
        var (length, first) = (piece.numel(), start / Block);
        var blocks = (length + Block - 1) / Block;
        var values = nn.functional.pad(piece, [0, (blocks * Block) - length]).view(blocks, Block);
        var scales = values.abs().amax([1], keepdim: true);
        var magnitudes = values.abs().div(scales.clamp_min(Held(float.Epsilon * (1 << 23))));
        var last = Last(isSigned);
        var lower = magnitudes.log10().div(Held(Math.Log10(Ratio(isSigned)))).add(Held(last), One).floor().clamp(Held(0), Held(last - 1)).to(ScalarType.Int32);
        var (below, above) = (Level(lower), Level(lower.add(One, One)));
        using var shift = (step * Plastic % 1).ToScalar();
        var dither = _dither.add(shift, One).frac();
        var codes = lower.add(magnitudes.sub(below).div(above.sub(below)).gt(dither).to(ScalarType.Int32), One);
        if (isSigned) codes = codes.mul(values.sign().to(ScalarType.Int32)).add(Held(127), One);
        _codes.narrow(0, first * Block, blocks * Block).copy_(codes.to(ScalarType.Byte).view(-1));
        _scales.narrow(0, first, blocks).copy_(scales.view(-1));

        Tensor Level(Tensor codes) => _levels.index_select(0, codes.view(-1)).view(blocks, Block);
    }

    public override IReadOnlyList<NamedTensor> Tensors(string name) => [new($"{name}.codes", _codes), new($"{name}.scales", _scales)];

    public override void Dispose()
    {
        foreach (var tensor in (Tensor[])[_codes, _scales, _levels, _dither]) tensor.Dispose();
    }

    private static Tensor Levels(bool isSigned, Device device)
    {
        var last = Last(isSigned);
        var levels = Enumerable.Range(0, last + 1).Select(code => (float)Math.Pow(Ratio(isSigned), code - last)).ToArray();
        if (isSigned) levels[0] = 0;
        return tensor(levels, device: device).DetachFromDisposeScope();
    }

    private static Tensor Dither(Device device) =>
        tensor(Enumerable.Range(0, Block).Select(i => (float)(i * Golden % 1)).ToArray(), device: device).DetachFromDisposeScope();
}

using Imagic.Editing.Checkpoints;
using TorchSharp;
using static Imagic.Diffusion.Scalars;
using static TorchSharp.torch;

namespace Imagic.Editing.Descent;

/// <summary>
/// AdamW (Loshchilov and Hutter, arXiv 1711.05101, algorithm 2) on one flat buffer; without weight decay it is Adam. The
/// arithmetic and its order are those of torch.optim.
/// </summary>
/// <param name="parameters">Flat buffer that the model computes with, shape (n), any float type.</param>
/// <param name="beta1">Share of the mean gradient that an update keeps.</param>
/// <param name="beta2">The same of the mean square.</param>
/// <param name="weightDecay">Share of a weight that it loses per unit of learning rate.</param>
/// <param name="moments">How the two moments are kept.</param>
/// <param name="offload">Whether they, and the float32 masters of half-precision models, are kept in host memory; they come to the device piece by piece, so that the bits are the same.</param>
public sealed class FlatAdamW(
    Tensor parameters, double beta1 = 0.9, double beta2 = 0.999, double weightDecay = 0, Optimizer moments = Optimizer.AdamW, bool offload = false)
    : IDisposable
{
    private const double Epsilon = 1e-8;

    private readonly FlatState _firstMoment = Moment(parameters, moments, offload, isSigned: true);
    private readonly FlatState _secondMoment = Moment(parameters, moments, offload, isSigned: false);

    // Half-precision models are updated through float32 masters: an update of 1e-6 vanishes in bf16.
    private readonly FloatState? _master = parameters.dtype == ScalarType.Float32
        ? null
        : new(parameters.to(Kept(parameters, offload)).to(ScalarType.Float32).DetachFromDisposeScope(), parameters.device);

    // On the CPU pieces fit a core's cache; elsewhere each operation costs a launch. Neither needs temporaries of full size.
    private readonly long _piece = parameters.device_type == TorchSharp.DeviceType.CPU ? 1 << 18 : moments == Optimizer.AdamW && !offload ? 1 << 26 : 1 << 23;

    /// <summary>The float32 values that are optimized, shape (n).</summary>
    public Tensor Master => _master?.Values ?? parameters;

    /// <summary>All state besides the step number.</summary>
    /// <param name="prefix">Beginning of every name.</param>
    public IReadOnlyList<NamedTensor> State(string prefix = "") =>
        [new($"{prefix}parameters", Master), .. _firstMoment.Tensors($"{prefix}exp_avg"), .. _secondMoment.Tensors($"{prefix}exp_avg_sq")];

    /// <summary>Goes one update down <paramref name="gradient"/>.</summary>
    /// <param name="gradient">Gradient of the loss, same shape as the parameters.</param>
    /// <param name="step">Number of this update, 1 for the first.</param>
    /// <param name="rate">Learning rate.</param>
    /// <param name="scale">Factor on the gradient, a float32 scalar on its device.</param>
    public void Step(Tensor gradient, int step, double rate, Tensor? scale = null)
    {
        using var noGrad = no_grad();
        using var stepSize = (-rate / (1 - Math.Pow(beta1, step))).ToScalar();
        using var correction = Math.Sqrt(1 - Math.Pow(beta2, step)).ToScalar();
        using var decay = (1 - rate * weightDecay).ToScalar();
        var count = parameters.numel();
        for (long start = 0; start < count; start += _piece)
        {
            using var scope = NewDisposeScope();
            var length = Math.Min(_piece, count - start);
            var (w, m, v) = (_master?.Take(start, length) ?? Piece(parameters), _firstMoment.Take(start, length), _secondMoment.Take(start, length));
            var g = Piece(gradient).to(ScalarType.Float32);
            if (scale is not null) g = g * scale;
            if (weightDecay != 0) w.mul_(decay);
            m.lerp_(g, 1 - beta1);
            v.mul_(Held(beta2)).addcmul_(g, g, value: Held(1 - beta2));
            w.addcdiv_(m, v.sqrt().div_(correction).add_(Held(Epsilon), One), value: stepSize);
            _firstMoment.Put(start, m, step);
            _secondMoment.Put(start, v, step);
            if (_master is null) continue;
            _master.Put(start, w, step);
            Piece(parameters).copy_(w);

            Tensor Piece(Tensor flat) => flat.narrow(0, start, length);
        }
    }

    /// <summary>Takes over what <see cref="State"/> gave.</summary>
    public void Restore(Checkpoint saved, string prefix = "")
    {
        using var noGrad = no_grad();
        saved.CopyTo(State(prefix));
        if (_master is not null) parameters.copy_(_master.Values);
    }

    public void Dispose()
    {
        _firstMoment.Dispose();
        _secondMoment.Dispose();
        _master?.Dispose();
    }

    private static Device Kept(Tensor parameters, bool offload) => offload ? CPU : parameters.device;

    private static FlatState Moment(Tensor parameters, Optimizer moments, bool offload, bool isSigned)
    {
        var (count, kept) = (parameters.numel(), Kept(parameters, offload));
        return moments == Optimizer.AdamW8Bit
            ? new ByteState(count, isSigned, kept, parameters.device)
            : new FloatState(zeros(count, dtype: ScalarType.Float32, device: kept).DetachFromDisposeScope(), parameters.device);
    }
}

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
public sealed class FlatAdamW(Tensor parameters, double beta1 = 0.9, double beta2 = 0.999, double weightDecay = 0) : IDisposable
{
    private const double Epsilon = 1e-8;

    private readonly Tensor _firstMoment = Zeros(parameters);
    private readonly Tensor _secondMoment = Zeros(parameters);

    // Half-precision models are updated through float32 masters: an update of 1e-6 vanishes in bf16.
    private readonly Tensor? _master = parameters.dtype == ScalarType.Float32
        ? null
        : parameters.to(ScalarType.Float32).DetachFromDisposeScope();

    // On the CPU pieces fit a core's cache; elsewhere each operation costs a launch. Neither needs temporaries of full size.
    private readonly long _piece = parameters.device_type == TorchSharp.DeviceType.CPU ? 1 << 18 : 1 << 26;

    /// <summary>The float32 values that are optimized, shape (n).</summary>
    public Tensor Master => _master ?? parameters;

    /// <summary>All state besides the step number.</summary>
    /// <param name="prefix">Beginning of every name.</param>
    public IReadOnlyList<NamedTensor> State(string prefix = "") =>
        [new($"{prefix}parameters", Master), new($"{prefix}exp_avg", _firstMoment), new($"{prefix}exp_avg_sq", _secondMoment)];

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
            var (w, m, v) = (Piece(Master), Piece(_firstMoment), Piece(_secondMoment));
            var g = Piece(gradient).to(ScalarType.Float32);
            if (scale is not null) g = g * scale;
            if (weightDecay != 0) w.mul_(decay);
            m.lerp_(g, 1 - beta1);
            v.mul_(Held(beta2)).addcmul_(g, g, value: Held(1 - beta2));
            w.addcdiv_(m, v.sqrt().div_(correction).add_(Held(Epsilon), One), value: stepSize);

            Tensor Piece(Tensor flat) => flat.narrow(0, start, length);
        }

        if (_master is not null) parameters.copy_(_master);
    }

    /// <summary>Takes over what <see cref="State"/> gave.</summary>
    public void Restore(Checkpoint saved, string prefix = "")
    {
        using var noGrad = no_grad();
        saved.CopyTo(State(prefix));
        if (_master is not null) parameters.copy_(_master);
    }

    public void Dispose()
    {
        _firstMoment.Dispose();
        _secondMoment.Dispose();
        _master?.Dispose();
    }

    private static Tensor Zeros(Tensor like) =>
        zeros(like.numel(), dtype: ScalarType.Float32, device: like.device).DetachFromDisposeScope();
}

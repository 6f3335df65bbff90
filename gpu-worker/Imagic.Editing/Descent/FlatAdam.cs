using Imagic.Editing.Checkpoints;
using static TorchSharp.torch;

namespace Imagic.Editing.Descent;

/// <summary>
/// Adam (Kingma and Ba, algorithm 1; the arithmetic and its order are those of torch.optim.Adam) on one flat buffer.
/// The buffer is worked through in pieces that fit a core's cache, which needs no temporary of full size.
/// </summary>
/// <param name="parameters">Flat buffer that the model computes with, shape (n), any float type.</param>
public sealed class FlatAdam(Tensor parameters, double learningRate) : IDisposable
{
    private const double Beta1 = 0.9, Beta2 = 0.999, Epsilon = 1e-8;
    private const long Piece = 1 << 18;

    private readonly Tensor _firstMoment = Zeros(parameters);
    private readonly Tensor _secondMoment = Zeros(parameters);

    // Half-precision models are updated through float32 masters: an update of 1e-6 vanishes in bf16.
    private readonly Tensor? _master = parameters.dtype == ScalarType.Float32
        ? null
        : parameters.to(ScalarType.Float32).DetachFromDisposeScope();

    /// <summary>The float32 values that are optimized, shape (n).</summary>
    public Tensor Master => _master ?? parameters;

    /// <summary>All state besides the step number, by name.</summary>
    public IReadOnlyList<NamedTensor> State =>
        [new("parameters", Master), new("exp_avg", _firstMoment), new("exp_avg_sq", _secondMoment)];

    /// <summary>Goes one update down <paramref name="gradient"/>, shape (n).</summary>
    /// <param name="gradient">Gradient of the loss, same shape as the parameters.</param>
    /// <param name="step">Number of this update, 1 for the first.</param>
    public void Step(Tensor gradient, int step)
    {
        using var noGrad = no_grad();
        var stepSize = learningRate / (1 - Math.Pow(Beta1, step));
        var correction = Math.Sqrt(1 - Math.Pow(Beta2, step));
        var count = parameters.numel();
        for (long start = 0; start < count; start += Piece)
        {
            using var scope = NewDisposeScope();
            var length = Math.Min(Piece, count - start);
            var g = gradient.narrow(0, start, length).to(ScalarType.Float32);
            var m = _firstMoment.narrow(0, start, length);
            var v = _secondMoment.narrow(0, start, length);
            m.lerp_(g, 1 - Beta1);
            v.mul_(Beta2).addcmul_(g, g, value: 1 - Beta2);
            var denominator = v.sqrt().div_(correction).add_(Epsilon);
            Master.narrow(0, start, length).addcdiv_(m, denominator, value: -stepSize);
        }

        if (_master is not null) parameters.copy_(_master);
    }

    /// <summary>Takes over the values of <see cref="State"/> from a checkpoint.</summary>
    public void Restore(Checkpoint saved)
    {
        using var noGrad = no_grad();
        foreach (var (name, value) in State)
        {
            using var read = saved.Read(name, value.device);
            value.copy_(read);
        }

        if (_master is not null) parameters.copy_(_master);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _firstMoment.Dispose();
        _secondMoment.Dispose();
        _master?.Dispose();
    }

    private static Tensor Zeros(Tensor like) =>
        zeros(like.numel(), dtype: ScalarType.Float32, device: like.device).DetachFromDisposeScope();
}

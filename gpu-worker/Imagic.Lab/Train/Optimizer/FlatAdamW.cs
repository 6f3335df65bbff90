using Imagic.Diffusion.Weights;
using Imagic.Editing;
using static TorchSharp.torch;

namespace Imagic.Lab.Train.Optimizer;

/// <summary>AdamW (Loshchilov and Hutter, arXiv 1711.05101) with the gradient's norm clipped and an exponential moving
/// average of the weights, on the flat buffer of one model.</summary>
/// <param name="parameters">The model's, whose gradients are tracked from here on.</param>
public sealed class FlatAdamW : IDisposable
{
    const double Epsilon = 1e-8;

    readonly ParameterSet _parameters;
    readonly OptimizerConfig _config;
    readonly long _piece;
    readonly Tensor _firstMoment, _secondMoment;

    public FlatAdamW(ParameterSet parameters, OptimizerConfig config)
    {
        ArgumentNullException.ThrowIfNull(parameters);
        using var noGrad = no_grad();
        (_parameters, _config) = (parameters, config);
        parameters.TrackGradients();
        var flat = parameters.Flat;
        _firstMoment = zeros(flat.numel(), dtype: ScalarType.Float32, device: flat.device).DetachFromDisposeScope();
        _secondMoment = zeros_like(_firstMoment).DetachFromDisposeScope();
        Master = flat.to(ScalarType.Float32, copy: true).DetachFromDisposeScope();
        Average = Master.clone().DetachFromDisposeScope();
        // On the CPU in pieces that fit a core's cache; elsewhere at once, as each operation costs a launch.
        _piece = flat.device_type == TorchSharp.DeviceType.CPU ? 1 << 18 : flat.numel();
    }

    /// <summary>The weights that are optimized, float32 (n), of which the model computes with a copy: a small update would
    /// vanish in bfloat16.</summary>
    public Tensor Master { get; }

    /// <summary>Moving average of the weights, float32 (n): what is used in the end.</summary>
    public Tensor Average { get; }

    /// <summary>All state besides the step number.</summary>
    public IEnumerable<NamedTensor> State(string name) =>
    [
        new($"{name}.parameters", Master), new($"{name}.exp_avg", _firstMoment),
        new($"{name}.exp_avg_sq", _secondMoment), new($"{name}.ema", Average),
    ];

    /// <summary>Zeroes the gradients; to be called before each backward pass.</summary>
    public void ZeroGradients() => _parameters.FlatGrad.zero_();

    /// <summary>Goes one update down the gradients.</summary>
    /// <param name="step">Number of this update, 1 for the first.</param>
    public void Step(int step)
    {
        using var noGrad = no_grad();
        using var outer = NewDisposeScope();
        var gradient = _parameters.FlatGrad;
        var rate = _config.RateAt(step);
        // As torch.nn.utils.clip_grad_norm_ has it; stays on the device.
        var scale = (gradient.to(ScalarType.Float32).square().sum().sqrt() + 1e-6).reciprocal().mul_(_config.ClipNorm).clamp_(max: 1);
        var stepSize = rate / (1 - Math.Pow(_config.Beta1, step));
        var correction = Math.Sqrt(1 - Math.Pow(_config.Beta2, step));
        var decay = Math.Min(_config.EmaDecay, (1.0 + step) / (10.0 + step)); // the first steps are no part of the average
        for (long start = 0; start < gradient.numel(); start += _piece)
        {
            using var scope = NewDisposeScope();
            var length = Math.Min(_piece, gradient.numel() - start);
            var (w, m, v) = (Piece(Master), Piece(_firstMoment), Piece(_secondMoment));
            var g = Piece(gradient).to(ScalarType.Float32) * scale;
            w.mul_(1 - rate * _config.WeightDecay);
            m.mul_(_config.Beta1).add_(g, alpha: 1 - _config.Beta1);
            v.mul_(_config.Beta2).addcmul_(g, g, value: 1 - _config.Beta2);
            w.addcdiv_(m, v.sqrt().div_(correction).add_(Epsilon), value: -stepSize);
            Piece(Average).mul_(decay).add_(w, alpha: 1 - decay);

            Tensor Piece(Tensor flat) => flat.narrow(0, start, length);
        }
        Refresh();
    }

    /// <summary>Has the model compute with the averaged weights until <see cref="Refresh"/> is called.</summary>
    public void UseAverage()
    {
        using var noGrad = no_grad();
        _parameters.Flat.copy_(Average);
    }

    /// <summary>Gives the model the optimized weights: after they were changed from outside, or the average was used.</summary>
    public void Refresh()
    {
        using var noGrad = no_grad();
        _parameters.Flat.copy_(Master);
    }

    public void Dispose()
    {
        _parameters.StopTrackingGradients();
        foreach (var tensor in (Tensor[])[_firstMoment, _secondMoment, Master, Average])
            tensor.Dispose();
    }
}

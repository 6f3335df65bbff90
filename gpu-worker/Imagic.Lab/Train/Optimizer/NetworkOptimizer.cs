using Imagic.Diffusion.Weights;
using Imagic.Editing.Checkpoints;
using Imagic.Editing.Descent;
using TorchSharp;
using static Imagic.Diffusion.Scalars;
using static TorchSharp.torch;

namespace Imagic.Lab.Train.Optimizer;

/// <summary>AdamW on one model, with the gradient's norm clipped, a rate that follows a schedule, and an exponential moving
/// average of the weights.</summary>
public sealed class NetworkOptimizer : IDisposable
{
    private readonly string _name;
    private readonly ParameterSet _parameters;
    private readonly OptimizerConfig _config;
    private readonly FlatAdamW _adam;
    private readonly Tensor _average;
    private Tensor? _weights;

    /// <param name="name">Of the model, in checkpoints.</param>
    /// <param name="parameters">The model's, whose gradients are tracked from here on.</param>
    public NetworkOptimizer(string name, ParameterSet parameters, OptimizerConfig config)
    {
        ArgumentNullException.ThrowIfNull(parameters);
        ArgumentNullException.ThrowIfNull(config);
        using var noGrad = no_grad();
        (_name, _parameters, _config) = (name, parameters, config);
        parameters.TrackGradients();
        _adam = new(parameters.Flat, config.Beta1, config.Beta2, config.WeightDecay);
        _average = parameters.Flat.to(ScalarType.Float32, copy: true).DetachFromDisposeScope();
    }

    /// <summary>The moving average of the weights, float32 (n): what is used in the end.</summary>
    public NamedTensor Average => new(AverageName(_name), _average);

    /// <summary>All state besides the step number.</summary>
    public IEnumerable<NamedTensor> State => [.. _adam.State($"{_name}."), Average];

    /// <summary>Name of a model's averaged weights in checkpoints.</summary>
    public static string AverageName(string name) => $"{name}.ema";

    /// <summary>Zeroes the gradients; to be called before each backward pass.</summary>
    public void ZeroGradients() => _parameters.FlatGrad.zero_();

    /// <summary>Goes one update down the gradients.</summary>
    /// <param name="step">Number of this update, 1 for the first.</param>
    public void Step(int step)
    {
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        var gradient = _parameters.FlatGrad;
        // As torch.nn.utils.clip_grad_norm_ has it; stays on the device.
        var scale = gradient.to(ScalarType.Float32).pow(Held(2)).sum().sqrt().add(Held(1e-6), One).reciprocal().mul_(Held(_config.ClipNorm)).clamp_(max: Held(1));
        _adam.Step(gradient, step, _config.RateAt(step), scale);
        var decay = Math.Min(_config.EmaDecay, (1.0 + step) / (10.0 + step)); // the first steps are no part of the average
        using Scalar kept = decay.ToScalar(), taken = (1 - decay).ToScalar();
        _average.mul_(kept).add_(_adam.Master, alpha: taken);
    }

    /// <summary>Has the model compute with the averaged weights until <see cref="UseWeights"/> is called.</summary>
    public void UseAverage()
    {
        using var noGrad = no_grad();
        _weights = _parameters.Flat.clone().DetachFromDisposeScope();
        _parameters.Flat.copy_(_average);
    }

    /// <summary>Gives the model the optimized weights back.</summary>
    public void UseWeights()
    {
        using var noGrad = no_grad();
        if (_weights is null) return;
        _parameters.Flat.copy_(_weights);
        _weights.Dispose();
        _weights = null;
    }

    /// <summary>Takes over what <see cref="State"/> gave.</summary>
    public void Restore(Checkpoint saved)
    {
        ArgumentNullException.ThrowIfNull(saved);
        _adam.Restore(saved, $"{_name}.");
        saved.CopyTo([Average]);
    }

    public void Dispose()
    {
        _parameters.StopTrackingGradients();
        _adam.Dispose();
        _average.Dispose();
        _weights?.Dispose();
    }
}

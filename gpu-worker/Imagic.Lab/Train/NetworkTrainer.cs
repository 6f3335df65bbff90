using Imagic.Diffusion.Weights;
using Imagic.Editing;
using Imagic.Editing.Descent;
using Imagic.Lab.Train.Optimizer;
using static TorchSharp.torch;

namespace Imagic.Lab.Train;

/// <summary>The training of a network, one update at a time. Draws are a function of seed and step, so that the state is
/// weights, moments and the number of steps.</summary>
/// <param name="name">What its files are called.</param>
public abstract class NetworkTrainer(string name, OptimizerConfig config, long seed, Device device) : IDisposable
{
    readonly Tensor _losses = zeros(config.Steps, dtype: ScalarType.Float32, device: device).DetachFromDisposeScope();

    public string Name => name;

    /// <summary>Updates done.</summary>
    public int Step { get; private set; }

    public OptimizerConfig Config => config;

    /// <summary>Loss of each update so far, before it; waits for the device.</summary>
    public float[] Losses()
    {
        using var done = _losses.narrow(0, 0, Step).cpu();
        return [.. done.data<float>()];
    }

    /// <summary>Loss of the newest update, before it; waits for the device.</summary>
    public float LastLoss()
    {
        using var last = _losses.narrow(0, Math.Max(0, Step - 1), 1);
        return last.item<float>();
    }

    /// <summary>Does one update. Does not wait for the device.</summary>
    public void Advance()
    {
        using var scope = NewDisposeScope();
        using var generator = new Generator((ulong)StepRandom.Seed(seed, name, Step), device);
        foreach (var (_, optimizer) in Optimizers)
            optimizer.ZeroGradients();
        var loss = Loss(generator);
        loss.backward();
        Step++;
        foreach (var (_, optimizer) in Optimizers)
            optimizer.Step(Step);
        using var noGrad = no_grad();
        _losses.narrow(0, Step - 1, 1).copy_(loss.detach().view(1));
    }

    /// <summary>Has the models compute with averaged weights while <paramref name="use"/> runs.</summary>
    public void WithAverage(Action use)
    {
        ArgumentNullException.ThrowIfNull(use);
        foreach (var (_, optimizer) in Optimizers)
            optimizer.UseAverage();
        try
        {
            use();
        }
        finally
        {
            foreach (var (_, optimizer) in Optimizers)
                optimizer.Refresh();
        }
    }

    /// <summary>Live tensors that, with <see cref="Step"/>, are the complete state; valid until the next update.</summary>
    public IReadOnlyList<NamedTensor> State() =>
        [.. Optimizers.SelectMany(entry => entry.Optimizer.State(entry.Name)), new("losses", _losses)];

    /// <summary>Takes over the state of a trainer with the same configuration.</summary>
    public void Restore(SafetensorsFile saved, int step)
    {
        ArgumentNullException.ThrowIfNull(saved);
        foreach (var (name, value) in State())
            saved.CopyTo(name, value);
        foreach (var (_, optimizer) in Optimizers)
            optimizer.Refresh();
        Step = step;
    }

    /// <summary>The models that are trained.</summary>
    protected abstract IReadOnlyList<(string Name, FlatAdamW Optimizer)> Optimizers { get; }

    /// <summary>The loss of a batch that <paramref name="generator"/>, on the device, draws; float32 scalar.</summary>
    protected abstract Tensor Loss(Generator generator);

    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    protected virtual void Dispose(bool disposing)
    {
        foreach (var (_, optimizer) in Optimizers)
            optimizer.Dispose();
        _losses.Dispose();
    }
}

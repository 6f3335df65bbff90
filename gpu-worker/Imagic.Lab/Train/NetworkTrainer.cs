using Imagic.Editing.Checkpoints;
using Imagic.Editing.Descent;
using Imagic.Editing.Stages;
using Imagic.Lab.Train.Optimizer;
using static TorchSharp.torch;

namespace Imagic.Lab.Train;

/// <summary>The training of a network, one update at a time. Draws are a function of seed and step, so that the state is
/// weights, moments and the number of steps.</summary>
/// <param name="name">Of the network, in draws and messages.</param>
public abstract class NetworkTrainer(string name, OptimizerConfig config, long seed, Device device) : IStage
{
    private readonly Tensor _losses = zeros(config.Steps, dtype: ScalarType.Float32, device: device).DetachFromDisposeScope();

    public int Step { get; private set; }

    public int Steps => config.Steps;

    public bool IsDone => Step >= Steps;

    public OptimizerConfig Config => config;

    /// <summary>Loss of the newest update, before it; waits for the device.</summary>
    /// <exception cref="BadInputException">It is no number.</exception>
    public float LastLoss()
    {
        using var last = _losses.narrow(0, Math.Max(0, Step - 1), 1);
        var loss = last.item<float>();
        return float.IsFinite(loss)
            ? loss
            : throw new BadInputException($"The {name} diverged: the loss of step {Step} is {loss}. Lower train_{name}.learning_rate and delete its checkpoints.");
    }

    /// <summary>Does one update. Does not wait for the device, and so cannot tell the loss.</summary>
    public float? Advance()
    {
        using var scope = NewDisposeScope();
        using var generator = new Generator((ulong)StepRandom.Seed(seed, name, Step), device);
        foreach (var optimizer in Optimizers) optimizer.ZeroGradients();
        var loss = Loss(generator);
        loss.backward();
        Step++;
        foreach (var optimizer in Optimizers) optimizer.Step(Step);
        using var noGrad = no_grad();
        _losses.narrow(0, Step - 1, 1).copy_(loss.detach().view(1));
        return null;
    }

    /// <summary>Has the models compute with averaged weights while <paramref name="use"/> runs.</summary>
    public void WithAverage(Action use)
    {
        ArgumentNullException.ThrowIfNull(use);
        foreach (var optimizer in Optimizers) optimizer.UseAverage();
        try
        {
            use();
        }
        finally
        {
            foreach (var optimizer in Optimizers) optimizer.UseWeights();
        }
    }

    public IReadOnlyList<NamedTensor> State()
    {
        LastLoss();
        return [.. Optimizers.SelectMany(optimizer => optimizer.State), new("losses", _losses)];
    }

    public void Restore(Checkpoint saved)
    {
        ArgumentNullException.ThrowIfNull(saved);
        foreach (var optimizer in Optimizers) optimizer.Restore(saved);
        saved.CopyTo([new("losses", _losses)]);
        Step = saved.Manifest.Step;
    }

    /// <summary>The averaged weights of each model, and the losses.</summary>
    public IReadOnlyList<NamedTensor> Result()
    {
        LastLoss();
        return [.. Optimizers.Select(optimizer => optimizer.Average), new("losses", _losses)];
    }

    /// <summary>Those of the models that are trained.</summary>
    protected abstract IReadOnlyList<NetworkOptimizer> Optimizers { get; }

    /// <summary>The loss of a batch that <paramref name="generator"/>, on the device, draws; float32 scalar.</summary>
    protected abstract Tensor Loss(Generator generator);

    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    protected virtual void Dispose(bool disposing)
    {
        foreach (var optimizer in Optimizers) optimizer.Dispose();
        _losses.Dispose();
    }
}

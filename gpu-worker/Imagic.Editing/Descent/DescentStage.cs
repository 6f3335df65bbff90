using System.Runtime.InteropServices;
using Imagic.Diffusion.UNet;
using Imagic.Editing.Checkpoints;
using Imagic.Editing.Stages;
using static Imagic.Diffusion.Scalars;
using static TorchSharp.torch;

namespace Imagic.Editing.Descent;

/// <summary>What both optimizations share: draws, losses, the end, and a look at the current reconstruction.</summary>
public abstract class DescentStage(EditStage stage, DescentSettings settings, DenoisingLoss loss, DrawForStep draw)
    : IStage
{
    private readonly List<float> _losses = [];

    public int Step => _losses.Count;

    public int Steps => settings.Steps;

    /// <summary>The embedding that stands for the source picture at this point, states (1, T, d).</summary>
    public abstract TextEmbedding Embedding { get; }

    /// <summary>Loss of each step so far, before that step's update.</summary>
    public ReadOnlySpan<float> Losses => CollectionsMarshal.AsSpan(_losses);

    public bool IsDone => Step >= Steps || settings.EarlyStop?.ShouldStop(Losses) == true;

    public float? Advance()
    {
        using var scope = NewDisposeScope();
        var value = Update(draw(Step), Step + 1).item<float>();
        if (!float.IsFinite(value))
            throw new EditException($"Stage {stage.Name()} diverged: the loss of step {Step + 1} is {value}. Lower its learning rate.");
        _losses.Add(value);
        return value;
    }

    /// <summary>Shape of the source latent, (1, C, h, w).</summary>
    public long[] LatentShape => loss.LatentShape;

    /// <summary>The model's estimate of the source latent from the noise of <paramref name="draw"/>, (B, C, h, w).</summary>
    public Tensor PredictSource(StepDraw draw) => loss.PredictSource(Embedding, draw);

    public virtual IReadOnlyList<NamedTensor> State() => [LossTensor()];

    public virtual void Restore(Checkpoint saved)
    {
        using var losses = saved.Read("losses", CPU);
        _losses.Clear();
        _losses.AddRange(losses.data<float>().ToArray());
    }

    public virtual IReadOnlyList<NamedTensor> Result() => [LossTensor()];

    public virtual void Dispose() => GC.SuppressFinalize(this);

    protected double LearningRate => settings.LearningRate;

    /// <summary>Computes the loss of a draw and adds its gradient, in the parts that the settings say, one after the other.</summary>
    /// <returns>The loss.</returns>
    protected Tensor Descend(StepDraw draw)
    {
        if (settings.Accumulate is not { } parts) return loss.Backward(Embedding, draw, One);
        var sum = zeros(1, device: draw.Noise.device);
        foreach (var part in draw.Chunk(parts))
        {
            using var scope = NewDisposeScope();
            sum.add_(loss.Backward(Embedding, part, Held(1.0 / parts)), One);
        }

        return sum;
    }

    /// <param name="draw">Noise and timesteps of this step.</param>
    /// <param name="number">1 for the first update.</param>
    /// <returns>The loss before the update, a scalar.</returns>
    protected abstract Tensor Update(StepDraw draw, int number);

    private NamedTensor LossTensor() => new("losses", tensor(_losses.ToArray(), dtype: ScalarType.Float32));
}

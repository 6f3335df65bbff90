using Imagic.Diffusion.Clip;
using Imagic.Diffusion.Weights;
using Imagic.Lab.DataSet;
using Imagic.Lab.Train.Denoiser;
using Imagic.Lab.Train.Optimizer;
using static Imagic.Diffusion.Scalars;
using static TorchSharp.torch;

namespace Imagic.Lab.Train.Scorer;

/// <summary>Trains the scorer: in a batch each picture is to find its caption and each caption its picture.</summary>
public sealed class ScorerTrainer : NetworkTrainer
{
    /// <summary>Furthest shift of a picture, pixels, and strongest noise added to it: what is judged is not drawn as cleanly.</summary>
    private const int MaxShift = 3;

    private const double MaxNoise = 0.15;

    private readonly ImageTextModel _model;
    private readonly NetworkOptimizer _optimizer;
    private readonly DeviceDrawings _drawings;
    private readonly CaptionTable _captions;

    public ScorerTrainer(
        ScorerConfig model, OptimizerConfig config, DataSetReader data, DeviceDrawings drawings, ClipTokenizer tokenizer, ScalarType dtype, long seed)
        : base(TrainingRun.ScorerName, config, seed, drawings?.Device ?? throw new ArgumentNullException(nameof(drawings)))
    {
        ArgumentNullException.ThrowIfNull(data);
        _drawings = drawings;
        var items = data.Items.Take(drawings.TrainingCount).ToArray();
        _captions = CaptionTable.Create(items, [.. items.Select(_ => Array.Empty<Background>())], tokenizer, drawings.Device);
        _model = new(model, dtype, drawings.Device);
        _model.Parameters.Bind(new RandomSource(seed + 2));
        _optimizer = new("scorer", _model.Parameters, config);
    }

    protected override IReadOnlyList<NetworkOptimizer> Optimizers => [_optimizer];

    protected override Tensor Loss(Generator generator)
    {
        var (indices, pictures) = ImageDraw.Next(_drawings, Config.Batch, generator);
        var logits = _model.Logits(_model.EmbedImages(Disturb(pictures, generator)), _model.EmbedTexts(_captions.Next(indices, 0, generator)));
        var right = arange(Held(0), Held(Config.Batch), One, dtype: ScalarType.Int64, device: _drawings.Device);
        return nn.functional.cross_entropy(logits, right).add(nn.functional.cross_entropy(logits.t(), right), One) * Held(0.5);
    }

    protected override void Dispose(bool disposing)
    {
        base.Dispose(disposing);
        _model.Dispose();
        _captions.Dispose();
    }

    private static Tensor Disturb(Tensor pictures, Generator generator)
    {
        using var scope = NewDisposeScope();
        // The same shift for the whole batch, read off the seed: a number drawn on the device would have to be waited for.
        const int Shifts = 2 * MaxShift + 1;
        var (rest, down) = Math.DivRem(generator.initial_seed(), Shifts);
        var right = rest % Shifts;
        var side = pictures.shape[2];
        var padded = nn.functional.pad(pictures, [MaxShift, MaxShift, MaxShift, MaxShift], TorchSharp.PaddingModes.Replicate);
        var shifted = padded.narrow(2, down, side).narrow(3, right, side);
        var strength = rand([pictures.shape[0], 1, 1, 1], device: pictures.device, generator: generator).mul_(Held(MaxNoise));
        var noise = randn(pictures.shape, dtype: ScalarType.Float32, device: pictures.device, generator: generator);
        return shifted.add(noise * strength, One).MoveToOuterDisposeScope();
    }
}

using Imagic.Diffusion.UNet;

namespace Imagic.Editing.Memory;

/// <summary>
/// How many numbers autograd keeps of one pass through a UNet, from its configuration alone: the same walk as its
/// constructor's, with what each operation saves for its backward pass.
/// </summary>
internal sealed class Activations
{
    private readonly UNet2DConditionConfig _config;
    private readonly Tuning? _tuning;
    private readonly bool _unfolds;
    private readonly List<(double Saved, double Output)> _pieces = [];

    /// <param name="config">The UNet.</param>
    /// <param name="tuning">What collects gradients; null is the text alone, as in stage 1.</param>
    /// <param name="batch">Pictures computed together.</param>
    /// <param name="height">Of the latent.</param>
    /// <param name="width">Of the latent.</param>
    /// <param name="unfolds">Whether convolutions with stride 2 keep all patches, as on the CPU.</param>
    public Activations(UNet2DConditionConfig config, Tuning? tuning, int batch, int height, int width, bool unfolds)
    {
        (_config, _tuning, _unfolds) = (config, tuning, unfolds);
        var sizes = new List<double>(); // positions of each level, all pictures together
        for (var (h, w) = (height, width); sizes.Count < config.Levels; (h, w) = ((h + 1) / 2, (w + 1) / 2)) sizes.Add((double)batch * h * w);
        Walk(sizes);
    }

    /// <summary>Everything is kept until it is used.</summary>
    public double Kept => _pieces.Sum(piece => piece.Saved + piece.Output) + Backward;

    /// <summary>What each piece gives is kept, and one piece at a time is computed again.</summary>
    public double Recomputed => _pieces.Sum(piece => piece.Output) + _pieces.Max(piece => piece.Saved) + Backward;

    // Gradients on their way and what the kernels work with: measured, as a share of the largest piece.
    private double Backward => 1.8 * _pieces.Max(piece => piece.Saved);

    private void Walk(List<double> sizes)
    {
        var channels = _config.BlockOutChannels;
        var skips = new Stack<double>();
        Add(0, channels[0] * sizes[0]);
        var before = channels[0] * sizes[0];
        skips.Push(before);
        for (var level = 0; level < _config.Levels; level++)
        {
            var own = channels[level] * sizes[level];
            for (var i = 0; i < _config.LayersPerBlock[level]; i++)
            {
                Layer(level, before, own, _config.DownBlockTypes[level] == DownBlockType.CrossAttnDownBlock2D);
                skips.Push(before = own);
            }

            if (level == _config.Levels - 1) continue;
            before = channels[level] * sizes[level + 1];
            Add(_unfolds ? 9 * before : 0, before);
            skips.Push(before);
        }

        Layer(_config.Levels - 1, before, before, attends: true);
        Add(Resnet(before, before), before);
        for (var index = 0; index < _config.Levels; index++)
        {
            var level = _config.Levels - 1 - index;
            var own = channels[level] * sizes[level];
            for (var i = 0; i <= _config.LayersPerBlock[level]; i++)
            {
                var joined = before + skips.Pop();
                Layer(level, joined, own, _config.UpBlockTypes[index] == UpBlockType.CrossAttnUpBlock2D, joined);
                before = own;
            }

            if (level == 0) break;
            before = channels[level] * sizes[level - 1];
            Add(before, before);
        }

        Add(3 * before, _config.OutChannels * sizes[0]);
    }

    private void Layer(int level, double input, double output, bool attends, double joined = 0) =>
        Add(joined + Resnet(input, output) + (attends ? output + Transformer(level, output) : 0), output);

    // Each half: what the normalization gives, which SiLU keeps, and what that gives, which the convolution keeps; between
    // them the first convolution's output, which the second normalization keeps.
    private static double Resnet(double input, double output) => (2 * input) + (3 * output);

    // Per block. To itself: the normalization's input, query, key, value and what comes of them; to the text: the same
    // without key and value; feed-forward: the normalization's input, 8 times the width before the gate, 4 times behind GELU.
    // A linear layer keeps its input where its weight, or a product beside it, is tuned.
    private double Transformer(int level, double tokens)
    {
        var block = 5 + 3 + 13 + _tuning switch
        {
            Tuning.Full => 1 + 1 + 5,
            Tuning.Lora => 1 + 1,
            _ => 0,
        };
        var projections = _tuning == Tuning.Full ? 2 : 0;
        return tokens * (projections + (block * _config.TransformerLayersPerBlock[level]));
    }

    private void Add(double saved, double output) => _pieces.Add((saved, output));
}

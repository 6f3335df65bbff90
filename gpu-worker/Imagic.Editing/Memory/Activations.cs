using Imagic.Diffusion.T5;
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
    private readonly int _batch;
    private readonly bool _unfolds;
    private readonly List<(double Saved, double Output, bool Flows)> _pieces = [];
    private bool _flows; // whether gradients go back to this place: only attentions collect some where not all is tuned

    /// <param name="config">The UNet.</param>
    /// <param name="tuning">What collects gradients; null is the text alone, as in stage 1.</param>
    /// <param name="batch">Pictures computed together.</param>
    /// <param name="height">Of the latent.</param>
    /// <param name="width">Of the latent.</param>
    /// <param name="unfolds">Whether convolutions with stride 2 keep all patches, as on the CPU.</param>
    public Activations(UNet2DConditionConfig config, Tuning? tuning, int batch, int height, int width, bool unfolds)
    {
        (_config, _tuning, _batch, _unfolds) = (config, tuning, batch, unfolds);
        _flows = tuning is null or Tuning.Full;
        var sizes = new List<double>(); // positions of each level, all pictures together
        for (var (h, w) = (height, width); sizes.Count < config.Levels; (h, w) = ((h + 1) / 2, (w + 1) / 2)) sizes.Add((double)batch * h * w);
        Walk(sizes);
    }

    /// <summary>Everything is kept until it is used.</summary>
    public double Kept => _pieces.Where(piece => piece.Flows).Sum(piece => piece.Saved + piece.Output) + Backward;

    /// <summary>What each piece gives is kept, and one piece at a time is computed again.</summary>
    public double Recomputed => _pieces.Sum(piece => piece.Output) + _pieces.Max(piece => piece.Saved) + Backward;

    // Gradients on their way and what the kernels work with: measured, as a share of the largest piece. Those of pixel models
    // keep little beside what their convolutions read.
    private double Backward => (_config.HasSimpleMid ? 5 : 1.8) * _pieces.Max(piece => piece.Saved);

    private void Walk(List<double> sizes)
    {
        var channels = _config.BlockOutChannels;
        var skips = new Stack<double>();
        Add(0, channels[0] * sizes[0]);
        var before = channels[0] * sizes[0];
        skips.Push(before);
        for (var level = 0; level < _config.Levels; level++)
        {
            var (own, type) = (channels[level] * sizes[level], _config.DownBlockTypes[level]);
            var isSimple = type == DownBlockType.SimpleCrossAttnDownBlock2D;
            for (var i = 0; i < _config.LayersPerBlock[level]; i++)
            {
                Layer(level, before, own, isSimple || type == DownBlockType.CrossAttnDownBlock2D, isSimple);
                skips.Push(before = own);
            }

            if (level == _config.Levels - 1) continue;
            before = channels[level] * sizes[level + 1];
            // What is normalized and activated has the size before, what the convolution reads the one after.
            if (isSimple || type == DownBlockType.ResnetDownsampleBlock2D) Add((2 * own) + before + Convolved(before), before);
            else Add(_unfolds ? 9 * before : 0, before);
            skips.Push(before);
        }

        Layer(_config.Levels - 1, before, before, attends: true, _config.HasSimpleMid);
        Add(Resnet(before, before), before);
        for (var index = 0; index < _config.Levels; index++)
        {
            var level = _config.Levels - 1 - index;
            var (own, type) = (channels[level] * sizes[level], _config.UpBlockTypes[index]);
            var isSimple = type == UpBlockType.SimpleCrossAttnUpBlock2D;
            for (var i = 0; i <= _config.LayersPerBlock[level]; i++)
            {
                var joined = before + skips.Pop();
                Layer(level, joined, own, isSimple || type == UpBlockType.CrossAttnUpBlock2D, isSimple, joined);
                before = own;
            }

            if (level == 0) break;
            before = channels[level] * sizes[level - 1];
            // Nothing is kept of what is activated before it is enlarged.
            Add(isSimple || type == UpBlockType.ResnetUpsampleBlock2D ? own + before + Convolved(before) : before, before);
        }

        Add(3 * before, _config.OutChannels * sizes[0]);
    }

    private void Layer(int level, double input, double output, bool attends, bool isSimple, double joined = 0)
    {
        var resnet = joined + Resnet(input, output);
        if (attends && !_flows)
        {
            Add(resnet, 0);
            (resnet, _flows) = (0, true);
        }

        var attention = !attends ? 0 : output + (isSimple ? Simple(level, output) : Transformer(level, output));
        Add(resnet + attention, output);
    }

    // What the first normalization gives, which the activation keeps, and what that gives, which the convolution keeps.
    private double Resnet(double input, double output) => (2 * input) + Convolved(output);

    // The first convolution's output, which the second normalization keeps, and as above what follows; where the time scales
    // what is normalized, that too.
    private double Convolved(double output) => (_config.ResnetTimeScaleShift == "scale_shift" ? 4 : 3) * output;

    // Query, key, value and what comes of them; the tokens, which the projections keep where they are tuned. Of the text, beside
    // its part of keys and values, the states before and after their normalization.
    private double Simple(int level, double tokens)
    {
        var text = T5Tokenizer.IFLength * ((2.0 * _batch * _config.BlockOutChannels[level]) + (4.0 * _config.CrossAttentionDim));
        return text + ((_tuning == Tuning.Full ? 5 : 4) * tokens);
    }

    // Per block. To itself: the normalization's input, query, key, value and what comes of them; to the text: the same
    // without key and value; feed-forward: the normalization's input, 8 times the width before the gate, 4 times behind GELU.
    // A linear layer keeps its input where its weight, or a product beside it, is tuned.
    private double Transformer(int level, double tokens)
    {
        var block = 5 + 3 + 13 + _tuning switch
        {
            Tuning.Full => 1 + 1 + 5,
            Tuning.Lora => 1 + 1 + 2 + 4, // what the output projections read, and the sums with the products: the last measured
            _ => 0,
        };
        var projections = _tuning == Tuning.Full ? 2 : 0;
        return tokens * (projections + (block * _config.TransformerLayersPerBlock[level]));
    }

    private void Add(double saved, double output) => _pieces.Add((saved, output, _flows));
}

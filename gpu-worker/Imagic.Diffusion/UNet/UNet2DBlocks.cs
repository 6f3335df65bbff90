using Imagic.Diffusion.Layers;
using Imagic.Diffusion.Weights;
using static TorchSharp.torch;

namespace Imagic.Diffusion.UNet;

/// <summary>
/// One level on the way down: resnets, each followed by attention where the level has it, and a downsampler except on the
/// coarsest level. diffusers <c>models/unets/unet_2d_blocks.py</c>.
/// </summary>
internal sealed class DownBlock2D
{
    private readonly ResnetBlock2D[] _resnets;
    private readonly ILevelAttention[]? _attentions;
    private readonly Piece? _downsampler;

    /// <param name="scope">Where the parameters are declared.</param>
    /// <param name="config">The UNet's configuration.</param>
    /// <param name="level">Resolution level, 0 the finest.</param>
    /// <param name="projection">What the text's states go through first.</param>
    /// <param name="skipChannels">Receives the channels of the states that <see cref="Forward"/> returns.</param>
    public DownBlock2D(ParameterScope scope, UNet2DConditionConfig config, int level, TextProjection? projection, Stack<int> skipChannels)
    {
        var type = config.DownBlockTypes[level];
        var channels = config.BlockOutChannels[level];
        var layers = config.LayersPerBlock[level];
        _resnets = new ResnetBlock2D[layers];
        var isSimple = type == DownBlockType.SimpleCrossAttnDownBlock2D;
        _attentions = isSimple || type == DownBlockType.CrossAttnDownBlock2D ? new ILevelAttention[layers] : null;
        for (var i = 0; i < layers; i++)
        {
            _resnets[i] = config.Resnet(scope["resnets"][i], skipChannels.Peek(), channels);
            if (_attentions is not null) _attentions[i] = LevelAttention.Create(scope["attentions"][i], config, level, level, isSimple, projection);
            skipChannels.Push(channels);
        }

        if (level == config.Levels - 1) return;
        _downsampler = isSimple || type == DownBlockType.ResnetDownsampleBlock2D
            ? Resnet(config.Resnet(scope["downsamplers"][0], channels, channels, Resampling.Down))
            : Plain(new Downsample2D(scope["downsamplers"][0], channels, config.DownsamplePadding));
        skipChannels.Push(channels);
    }

    /// <summary>The state after each layer and after the downsampler; the last one goes on, all are skips.</summary>
    /// <param name="hidden">(B, in, H, W).</param>
    /// <param name="time">(B, 4·C).</param>
    /// <param name="pass">Runs the layers.</param>
    public IEnumerable<Tensor> Forward(Tensor hidden, Tensor time, Pass pass)
    {
        for (var i = 0; i < _resnets.Length; i++)
        {
            var (resnet, attention) = (_resnets[i], _attentions?[i]);
            hidden = pass.Run((x, text) => resnet.Forward(x[0], x[1]).Then(attention, text), hidden, time);
            yield return hidden;
        }

        if (_downsampler is not null) yield return pass.Run(_downsampler, hidden, time);
    }

    private static Piece Plain(Downsample2D downsampler) => (x, _) => downsampler.Forward(x[0]);

    private static Piece Resnet(ResnetBlock2D resnet) => (x, _) => resnet.Forward(x[0], x[1]);
}

/// <summary>
/// Resnet, attention, resnet on the coarsest level. diffusers <c>models/unets/unet_2d_blocks.py</c>.
/// </summary>
internal sealed class UNetMidBlock2DCrossAttn(ParameterScope scope, UNet2DConditionConfig config, TextProjection? projection)
{
    private readonly ResnetBlock2D _resnet1 =
        config.Resnet(scope["resnets"][0], config.BlockOutChannels[^1], config.BlockOutChannels[^1], outScaleFactor: config.MidBlockScaleFactor);
    private readonly ILevelAttention _attention =
        LevelAttention.Create(scope["attentions"][0], config, config.Levels - 1, config.Levels - 1, config.HasSimpleMid, projection);
    private readonly ResnetBlock2D _resnet2 =
        config.Resnet(scope["resnets"][1], config.BlockOutChannels[^1], config.BlockOutChannels[^1], outScaleFactor: config.MidBlockScaleFactor);

    /// <param name="hidden">(B, C, H, W).</param>
    /// <param name="time">(B, 4·C₀).</param>
    /// <param name="pass">Runs the layers.</param>
    public Tensor Forward(Tensor hidden, Tensor time, Pass pass)
    {
        var middle = pass.Run((x, text) => _resnet1.Forward(x[0], x[1]).Then(_attention, text), hidden, time);
        var result = pass.Run((x, _) => _resnet2.Forward(x[0], x[1]), middle, time);
        pass.Release(middle);
        return scope.Gave(result);
    }
}

/// <summary>
/// One level on the way up: resnets that also read a skip, each followed by attention where the level has it, and an
/// upsampler except on the finest level. diffusers <c>models/unets/unet_2d_blocks.py</c>.
/// </summary>
internal sealed class UpBlock2D
{
    private readonly ResnetBlock2D[] _resnets;
    private readonly ILevelAttention[]? _attentions;
    private readonly Upsample2D? _upsampler;
    private readonly ResnetBlock2D? _resnetUpsampler;

    /// <param name="scope">Where the parameters are declared.</param>
    /// <param name="config">The UNet's configuration.</param>
    /// <param name="index">Position on the way up, 0 the coarsest level.</param>
    /// <param name="inChannels">Channels that come from below.</param>
    /// <param name="projection">What the text's states go through first.</param>
    /// <param name="skipChannels">Channels of the skips, the next one on top; this block takes its own.</param>
    public UpBlock2D(
        ParameterScope scope, UNet2DConditionConfig config, int index, int inChannels, TextProjection? projection, Stack<int> skipChannels)
    {
        var type = config.UpBlockTypes[index];
        var level = config.Levels - 1 - index;
        var channels = config.BlockOutChannels[level];
        var layers = config.LayersPerBlock[level] + 1; // one more than on the way down: the downsampler's state
        _resnets = new ResnetBlock2D[layers];
        var isSimple = type == UpBlockType.SimpleCrossAttnUpBlock2D;
        _attentions = isSimple || type == UpBlockType.CrossAttnUpBlock2D ? new ILevelAttention[layers] : null;
        for (var i = 0; i < layers; i++)
        {
            var hidden = i == 0 ? inChannels : channels;
            _resnets[i] = config.Resnet(scope["resnets"][i], hidden + skipChannels.Pop(), channels);
            if (_attentions is not null) _attentions[i] = LevelAttention.Create(scope["attentions"][i], config, level, index, isSimple, projection);
        }

        if (level == 0) return;
        if (isSimple || type == UpBlockType.ResnetUpsampleBlock2D)
            _resnetUpsampler = config.Resnet(scope["upsamplers"][0], channels, channels, Resampling.Up);
        else
            _upsampler = new(scope["upsamplers"][0], channels);
    }

    /// <param name="hidden">(B, in, H, W); released.</param>
    /// <param name="skips">States of the way down, the next one on top; what is read is taken and released.</param>
    /// <param name="time">(B, 4·C).</param>
    /// <param name="pass">Runs the layers.</param>
    public Tensor Forward(Tensor hidden, Stack<Tensor> skips, Tensor time, Pass pass)
    {
        for (var i = 0; i < _resnets.Length; i++)
        {
            var (resnet, attention) = (_resnets[i], _attentions?[i]);
            var (below, skip) = (hidden, skips.Pop());
            hidden = pass.Run((x, text) => cat([x[0], x[1]], dim: 1).Then(both => resnet.Forward(both, x[2])).Then(attention, text), below, skip, time);
            pass.Release(below);
            pass.Release(skip);
        }

        if (_upsampler is null && _resnetUpsampler is null) return hidden;

        // To the size of the next skip: after an odd size on the way down that is not twice this one.
        var (coarse, next) = (hidden, skips.Peek().shape);
        hidden = pass.Run(
            (x, _) => _upsampler is null ? _resnetUpsampler!.Forward(x[0], x[1]) : _upsampler.Forward(x[0], next[2], next[3]), coarse, time);
        pass.Release(coarse);
        return hidden;
    }
}

/// <summary>What follows a resnet where a level has attention.</summary>
internal static class LevelAttention
{
    /// <summary>Declares one of the kind that the level has.</summary>
    public static ILevelAttention Create(
        ParameterScope scope, UNet2DConditionConfig config, int level, int block, bool isSimple, TextProjection? projection) =>
        isSimple ? new SimpleCrossAttention(scope, config, level, block, projection) : new Transformer2DModel(scope, config, level);

    /// <summary>attention(x), after which x is released; x itself where there is none.</summary>
    public static Tensor Then(this Tensor x, ILevelAttention? attention, TextContext text) =>
        attention is null ? x : x.Then(hidden => attention.Forward(hidden, text));
}

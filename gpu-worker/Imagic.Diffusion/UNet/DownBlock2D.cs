using Imagic.Diffusion.Layers;
using Imagic.Diffusion.Weights;
using static TorchSharp.torch;

namespace Imagic.Diffusion.UNet;

/// <summary>
/// One level on the way down: resnets, each followed by attention in a CrossAttnDownBlock2D, and a downsampler except
/// on the coarsest level. diffusers <c>models/unets/unet_2d_blocks.py</c>.
/// </summary>
internal sealed class DownBlock2D
{
    private readonly ResnetBlock2D[] _resnets;
    private readonly Transformer2DModel[]? _attentions;
    private readonly Downsample2D? _downsampler;

    /// <param name="scope">Where the parameters are declared.</param>
    /// <param name="config">The UNet's configuration.</param>
    /// <param name="level">Resolution level, 0 the finest.</param>
    /// <param name="skipChannels">Receives the channels of the states that <see cref="Forward"/> returns.</param>
    public DownBlock2D(ParameterScope scope, UNet2DConditionConfig config, int level, Stack<int> skipChannels)
    {
        var channels = config.BlockOutChannels[level];
        var layers = config.LayersPerBlock[level];
        _resnets = new ResnetBlock2D[layers];
        var attends = config.DownBlockTypes[level] == DownBlockType.CrossAttnDownBlock2D;
        _attentions = attends ? new Transformer2DModel[layers] : null;
        for (var i = 0; i < layers; i++)
        {
            _resnets[i] = config.Resnet(scope["resnets"][i], skipChannels.Peek(), channels);
            if (_attentions is not null) _attentions[i] = new(scope["attentions"][i], config, level);
            skipChannels.Push(channels);
        }

        if (level == config.Levels - 1) return;
        _downsampler = new(scope["downsamplers"][0], channels, config.DownsamplePadding);
        skipChannels.Push(channels);
    }

    /// <summary>The state after each layer and after the downsampler; the last one goes on, all are skips.</summary>
    /// <param name="hidden">(B, in, H, W).</param>
    /// <param name="time">(B, 4·C).</param>
    /// <param name="text">States (B, S, D).</param>
    public IEnumerable<Tensor> Forward(Tensor hidden, Tensor time, TextContext text)
    {
        for (var i = 0; i < _resnets.Length; i++)
        {
            hidden = _resnets[i].Forward(hidden, time);
            if (_attentions?[i] is { } attention) hidden = hidden.Then(x => attention.Forward(x, text));
            yield return hidden;
        }

        if (_downsampler is not null) yield return _downsampler.Forward(hidden);
    }
}

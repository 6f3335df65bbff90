using Imagic.Diffusion.Layers;
using Imagic.Diffusion.Weights;
using static TorchSharp.torch;

namespace Imagic.Diffusion.UNet;

/// <summary>
/// One level on the way up: resnets that also read a skip, each followed by attention in a CrossAttnUpBlock2D, and an
/// upsampler except on the finest level. diffusers <c>models/unets/unet_2d_blocks.py</c>.
/// </summary>
internal sealed class UpBlock2D
{
    private readonly ResnetBlock2D[] _resnets;
    private readonly Transformer2DModel[]? _attentions;
    private readonly Upsample2D? _upsampler;

    /// <param name="scope">Where the parameters are declared.</param>
    /// <param name="config">The UNet's configuration.</param>
    /// <param name="index">Position on the way up, 0 the coarsest level.</param>
    /// <param name="inChannels">Channels that come from below.</param>
    /// <param name="skipChannels">Channels of the skips, the next one on top; this block takes its own.</param>
    public UpBlock2D(
        ParameterScope scope, UNet2DConditionConfig config, int index, int inChannels, Stack<int> skipChannels)
    {
        var level = config.Levels - 1 - index;
        var channels = config.BlockOutChannels[level];
        var layers = config.LayersPerBlock[level] + 1; // one more than on the way down: the downsampler's state
        _resnets = new ResnetBlock2D[layers];
        var attends = config.UpBlockTypes[index] == UpBlockType.CrossAttnUpBlock2D;
        _attentions = attends ? new Transformer2DModel[layers] : null;
        for (var i = 0; i < layers; i++)
        {
            var hidden = i == 0 ? inChannels : channels;
            _resnets[i] = config.Resnet(scope["resnets"][i], hidden + skipChannels.Pop(), channels);
            if (_attentions is not null) _attentions[i] = new(scope["attentions"][i], config, level);
        }

        if (level > 0) _upsampler = new(scope["upsamplers"][0], channels);
    }

    /// <param name="hidden">(B, in, H, W); released.</param>
    /// <param name="skips">States of the way down, the next one on top; what is read is taken and released.</param>
    /// <param name="time">(B, 4·C).</param>
    /// <param name="text">States (B, S, D).</param>
    public Tensor Forward(Tensor hidden, Stack<Tensor> skips, Tensor time, TextContext text)
    {
        for (var i = 0; i < _resnets.Length; i++)
        {
            using (var skip = skips.Pop())
            {
                hidden = hidden.Then(x => cat([x, skip], dim: 1));
            }

            var resnet = _resnets[i];
            hidden = hidden.Then(x => resnet.Forward(x, time));
            if (_attentions?[i] is { } attention) hidden = hidden.Then(x => attention.Forward(x, text));
        }

        if (_upsampler is null) return hidden;

        // To the size of the next skip: after an odd size on the way down that is not twice this one.
        var next = skips.Peek().shape;
        return hidden.Then(x => _upsampler.Forward(x, next[2], next[3]));
    }
}

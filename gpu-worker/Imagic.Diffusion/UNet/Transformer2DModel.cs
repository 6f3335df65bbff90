using Imagic.Diffusion.Layers;
using Imagic.Diffusion.Weights;
using static TorchSharp.torch;

namespace Imagic.Diffusion.UNet;

/// <summary>
/// Transformer blocks over the positions of a feature map, added to it, (B, C, H, W) → same.
/// diffusers <c>models/transformers/transformer_2d.py</c>.
/// </summary>
internal sealed class Transformer2DModel
{
    private readonly GroupNorm _norm;
    private readonly PositionwiseProjection _projectIn;
    private readonly BasicTransformerBlock[] _blocks;
    private readonly PositionwiseProjection _projectOut;

    /// <param name="scope">Where the parameters are declared.</param>
    /// <param name="config">The UNet's configuration.</param>
    /// <param name="level">Resolution level, 0 the finest.</param>
    public Transformer2DModel(ParameterScope scope, UNet2DConditionConfig config, int level)
    {
        var channels = config.BlockOutChannels[level];
        _norm = new(scope["norm"], config.NormNumGroups, channels, eps: 1e-6);
        _projectIn = new(scope["proj_in"], channels, config.UseLinearProjection);
        _blocks =
        [
            .. Enumerable.Range(0, config.TransformerLayersPerBlock[level]).Select(i => new BasicTransformerBlock(
                scope["transformer_blocks"][i], channels, config.CrossAttentionDim, config.Heads[level],
                config.UpcastAttention)),
        ];
        _projectOut = new(scope["proj_out"], channels, config.UseLinearProjection);
    }

    /// <param name="x">(B, C, H, W).</param>
    /// <param name="text">States (B, S, D).</param>
    public Tensor Forward(Tensor x, TextContext text)
    {
        using var temporaries = NewDisposeScope();
        var tokens = _norm.Forward(x).Then(Tokens.FromFeatureMap).Then(_projectIn.Forward);
        foreach (var block in _blocks) tokens = block.Forward(tokens, text);
        return tokens.Then(_projectOut.Forward).Then(t => x.add(Tokens.ToFeatureMap(t, x))).MoveToOuterDisposeScope();
    }

    /// <summary>
    /// A linear layer per position, (B, T, C) → same. SD 1.x stores it as a 1×1 convolution (C, C, 1, 1), SD 2.x as a
    /// matrix (C, C); on tokens the two are the same product, and need the transposition only once.
    /// </summary>
    private sealed class PositionwiseProjection(ParameterScope scope, long channels, bool linear)
    {
        private readonly Tensor _weight = linear
            ? scope.Weight("weight", channels, channels)
            : scope.Weight("weight", channels, channels, 1, 1);

        private readonly Tensor _bias = scope.Zeros("bias", channels);

        public Tensor Forward(Tensor tokens)
        {
            using var matrix = _weight.view(channels, channels);
            return nn.functional.linear(tokens, matrix, _bias);
        }
    }
}

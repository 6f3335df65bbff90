using Imagic.Diffusion.Layers;
using Imagic.Diffusion.Weights;
using static Imagic.Diffusion.Scalars;
using static TorchSharp.torch;

namespace Imagic.Diffusion.UNet;

/// <summary>Numbers as sinusoids, (N) → (N, channels) float32. diffusers <c>models/embeddings.py</c>, Timesteps.</summary>
/// <param name="channels">Even: half cosines, half sines.</param>
/// <param name="flipSinToCos">Cosines before sines.</param>
/// <param name="frequencyShift">Taken off the number of frequencies when they are spread over 1 … 1/10000.</param>
internal sealed class Sinusoids(int channels, bool flipSinToCos, double frequencyShift)
{
    // Operation by operation as diffusers does it: at t = 999 one rounding of a frequency shows in the fifth digit.
    public Tensor Of(Tensor numbers)
    {
        using var temporaries = NewDisposeScope();
        var half = channels / 2;
        var frequencies = arange(Held(half), dtype: ScalarType.Float32, device: numbers.device)
            .mul(Held(-Math.Log(10_000))).div(Held(half - frequencyShift)).exp();
        var angles = numbers.to(ScalarType.Float32).unsqueeze(1).mul(frequencies.unsqueeze(0));
        var (sines, cosines) = (angles.sin(), angles.cos());
        return cat(flipSinToCos ? [cosines, sines] : [sines, cosines], dim: -1).MoveToOuterDisposeScope();
    }
}

/// <summary>Two linear layers, (…, in) → (…, out). diffusers <c>models/embeddings.py</c>, TimestepEmbedding.</summary>
internal sealed class TimestepEmbedding(ParameterScope scope, int inChannels, int channels)
{
    private readonly Linear _linear1 = new(scope["linear_1"], inChannels, channels);
    private readonly Linear _linear2 = new(scope["linear_2"], channels, channels);

    public Tensor Forward(Tensor x)
    {
        using var temporaries = NewDisposeScope();
        return scope.Gave(_linear1.Forward(x).Silu().Then(_linear2.Forward).MoveToOuterDisposeScope());
    }
}

/// <summary>
/// What SDXL adds to the embedding of the timestep: of the text as a whole and of the picture's size (arXiv 2307.01952,
/// section 2.2). diffusers <c>models/unets/unet_2d_condition.py</c>, <c>addition_embed_type: text_time</c>.
/// </summary>
internal sealed class TextTimeEmbedding(ParameterScope scope, UNet2DConditionConfig config)
{
    private readonly Sinusoids _sinusoids = new(config.AdditionTimeEmbedDim!.Value, config.FlipSinToCos, config.FreqShift);
    private readonly TimestepEmbedding _embedding =
        new(scope, config.ProjectionClassEmbeddingsInputDim!.Value, config.TimeEmbedDim);

    /// <param name="pooled">(B, p).</param>
    /// <param name="timeIds">(1, 6) or (B, 6).</param>
    /// <returns>(B, 4·C₀).</returns>
    public Tensor Forward(Tensor pooled, Tensor timeIds)
    {
        using var temporaries = NewDisposeScope();
        var sizes = _sinusoids.Of(timeIds.flatten()).view(timeIds.shape[0], -1).expand(pooled.shape[0], -1);
        return cat([pooled, sizes.to(pooled.dtype)], dim: -1).Then(_embedding.Forward).MoveToOuterDisposeScope();
    }
}

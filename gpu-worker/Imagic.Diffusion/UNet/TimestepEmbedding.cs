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
        var frequencies = arange(Held(0), Held(half), One, dtype: ScalarType.Float32, device: numbers.device)
            .mul(Held(-Math.Log(10_000))).div(Held(half - frequencyShift)).exp();
        var angles = numbers.to(ScalarType.Float32).unsqueeze(1).mul(frequencies.unsqueeze(0));
        var (sines, cosines) = (angles.sin(), angles.cos());
        return cat(flipSinToCos ? [cosines, sines] : [sines, cosines], dim: -1).MoveToOuterDisposeScope();
    }
}

/// <summary>Two linear layers, (…, in) → (…, out). diffusers <c>models/embeddings.py</c>, TimestepEmbedding.</summary>
internal sealed class TimestepEmbedding(ParameterScope scope, int inChannels, int channels, Activation activation = Activation.Silu)
{
    private readonly Linear _linear1 = new(scope["linear_1"], inChannels, channels);
    private readonly Linear _linear2 = new(scope["linear_2"], channels, channels);

    public Tensor Forward(Tensor x)
    {
        using var temporaries = NewDisposeScope();
        return scope.Gave(_linear1.Forward(x).Activate(activation).Then(_linear2.Forward).MoveToOuterDisposeScope());
    }
}

using Imagic.Diffusion.Layers;
using Imagic.Diffusion.Weights;
using static Imagic.Diffusion.Scalars;
using static TorchSharp.torch;

namespace Imagic.Diffusion.UNet;

/// <summary>
/// Sinusoids of the timestep followed by two linear layers, (B) → (B, 4·C). diffusers <c>models/embeddings.py</c>,
/// get_timestep_embedding and TimestepEmbedding.
/// </summary>
/// <param name="scope">Where the parameters are declared.</param>
/// <param name="channels">C, the channels of the first level.</param>
/// <param name="flipSinToCos">Cosines before sines.</param>
/// <param name="frequencyShift">Taken off the number of frequencies when they are spread over 1 … 1/10000.</param>
internal sealed class TimestepEmbedding(ParameterScope scope, int channels, bool flipSinToCos, double frequencyShift)
{
    private readonly Linear _linear1 = new(scope["linear_1"], channels, 4 * channels);
    private readonly Linear _linear2 = new(scope["linear_2"], 4 * channels, 4 * channels);

    /// <param name="timesteps">(B), whole or fractional training timesteps.</param>
    /// <param name="dtype">Element type of the result; the sinusoids are float32 always.</param>
    public Tensor Forward(Tensor timesteps, ScalarType dtype)
    {
        using var temporaries = NewDisposeScope();
        return Sinusoids(timesteps).to(dtype).Then(_linear1.Forward).Silu().Then(_linear2.Forward)
            .MoveToOuterDisposeScope();
    }

    // Operation by operation as diffusers does it: at t = 999 one rounding of a frequency shows in the fifth digit.
    private Tensor Sinusoids(Tensor timesteps)
    {
        var half = channels / 2;
        var frequencies = arange(Held(half), dtype: ScalarType.Float32, device: timesteps.device)
            .mul(Held(-Math.Log(10_000))).div(Held(half - frequencyShift)).exp();
        var angles = timesteps.to(ScalarType.Float32).unsqueeze(1).mul(frequencies.unsqueeze(0));
        return flipSinToCos ? cat([angles.cos(), angles.sin()], dim: -1) : cat([angles.sin(), angles.cos()], dim: -1);
    }
}

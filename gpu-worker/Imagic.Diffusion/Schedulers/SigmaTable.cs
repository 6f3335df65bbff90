namespace Imagic.Diffusion.Schedulers;

/// <summary>
/// Noise levels σ = √((1−ᾱ)/ᾱ) of the schedulers that see x as x₀ + σ·ε (arXiv 2206.00364).
/// </summary>
internal static class SigmaTable
{
    /// <summary>σ at each of <paramref name="timesteps"/>, linear between whole ones, and 0 at the end.</summary>
    public static float[] Create(SchedulerConfig config, IReadOnlyList<float> timesteps)
    {
        var alphasCumprod = NoiseSchedule.ComputeAlphasCumprod(config);
        if (config.RescaleBetasZeroSnr) alphasCumprod[^1] = MathF.ScaleB(1, -24); // as diffusers: σ stays finite
        var sigmas = Array.ConvertAll(alphasCumprod, alpha => MathF.Sqrt((1 - alpha) / alpha));
        return [.. timesteps.Select(At), 0];

        float At(float timestep)
        {
            var below = (int)timestep;
            if (below == timestep) return sigmas[below];
            return (float)(((double)sigmas[below + 1] - sigmas[below]) * ((double)timestep - below) + sigmas[below]);
        }
    }
}

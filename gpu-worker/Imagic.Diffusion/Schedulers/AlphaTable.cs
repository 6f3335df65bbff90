namespace Imagic.Diffusion.Schedulers;

/// <summary>ᾱ by timestep, also beyond the last step of a run, where the timestep is negative.</summary>
/// <param name="config">A validated configuration.</param>
/// <param name="endsInOne">Whether ᾱ is 1 there, no noise at all, or that of timestep 0.</param>
internal sealed class AlphaTable(SchedulerConfig config, bool endsInOne)
{
    private readonly float[] _alphasCumprod = NoiseSchedule.ComputeAlphasCumprod(config);

    public double this[int timestep] => timestep >= 0 ? _alphasCumprod[timestep] : endsInOne ? 1 : _alphasCumprod[0];
}

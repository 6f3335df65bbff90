using Imagic.Diffusion.Schedulers;
using Imagic.Diffusion.UNet;
using Imagic.Diffusion.Weights;
using static TorchSharp.torch;

namespace Imagic.Editing;

/// <summary>A UNet of a package in device memory, loaded when first asked for, and the noise that it was trained with.</summary>
/// <param name="config">Its noise schedule.</param>
/// <param name="load">Loads the UNet.</param>
/// <param name="fill">Puts the package's weights back into it.</param>
/// <param name="device">Where it computes.</param>
public sealed class Denoiser(SchedulerConfig config, Func<UNet2DConditionModel> load, Action<ParameterSet> fill, Device device) : IDisposable
{
    private UNet2DConditionModel? _unet;
    private NoiseSchedule? _schedule;

    /// <summary>Its weights are whatever the last stage left, see <see cref="Reset"/>.</summary>
    public UNet2DConditionModel UNet => _unet ??= load();

    /// <summary>Training noise schedule.</summary>
    public NoiseSchedule Schedule => _schedule ??= new(config, device);

    /// <summary>A denoising schedule.</summary>
    /// <param name="scheduler">Its kind.</param>
    /// <param name="steps">How many.</param>
    /// <param name="variance">Where DDPM has its variance from; as the package says when null.</param>
    public IScheduler CreateScheduler(SchedulerType scheduler, int steps, SamplingVariance? variance = null) => Scheduler.Create(
        scheduler switch
        {
            SchedulerType.Ddim => Scheduler.Ddim,
            SchedulerType.Ddpm => Scheduler.Ddpm,
            SchedulerType.Euler => Scheduler.Euler,
            SchedulerType.DpmSolverMultistep => Scheduler.DpmSolverMultistep,
            SchedulerType.Pndm => Scheduler.Pndm,
            _ => throw new ArgumentOutOfRangeException(nameof(scheduler), scheduler, "not a scheduler"),
        },
        variance switch
        {
            null => config,
            SamplingVariance.FixedSmall => config with { VarianceType = VarianceType.FixedSmall },
            _ => config with { VarianceType = VarianceType.LearnedRange },
        },
        steps);

    /// <summary>DDIM backwards: from a sample to the noise that it is made of.</summary>
    public IScheduler CreateInverse(int steps) => new DdimInverseScheduler(config, steps);

    /// <summary>Puts the package's weights back into the UNet.</summary>
    public void Reset()
    {
        if (_unet is null) return;
        _unet.Parameters.StopTrackingGradients();
        fill(_unet.Parameters);
    }

    /// <summary>Frees the UNet's memory; it is loaded again when it is asked for.</summary>
    public void Unload()
    {
        _unet?.Dispose();
        _unet = null;
    }

    public void Dispose()
    {
        _unet?.Dispose();
        _schedule?.Dispose();
    }
}

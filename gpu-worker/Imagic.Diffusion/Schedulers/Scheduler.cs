using Imagic.Diffusion.Weights;

namespace Imagic.Diffusion.Schedulers;

/// <summary>Makes schedulers by the names of their classes in diffusers, the <c>_class_name</c> of a configuration.</summary>
public static class Scheduler
{
    /// <summary><see cref="DdimScheduler"/>.</summary>
    public const string Ddim = "DDIMScheduler";

    /// <summary><see cref="DdpmScheduler"/>.</summary>
    public const string Ddpm = "DDPMScheduler";

    /// <summary><see cref="EulerScheduler"/>.</summary>
    public const string Euler = "EulerDiscreteScheduler";

    /// <summary><see cref="DpmSolverMultistepScheduler"/>.</summary>
    public const string DpmSolverMultistep = "DPMSolverMultistepScheduler";

    /// <summary><see cref="PndmScheduler"/>.</summary>
    public const string Pndm = "PNDMScheduler";

    /// <summary>A scheduler for one run.</summary>
    /// <param name="className">One of the names above.</param>
    /// <param name="config">A validated configuration, of whatever scheduler.</param>
    /// <param name="steps">Steps of the run, 1 … training timesteps.</param>
    /// <param name="eta">Share of fresh noise per step, <see cref="Ddim"/> only.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such scheduler, too many steps, or η for one without noise.</exception>
    /// <exception cref="ModelPackageException">The file asks for a variant that is not supported.</exception>
    public static IScheduler Create(string? className, SchedulerConfig config, int steps, double eta = 0)
    {
        if (className != Ddim) ArgumentOutOfRangeException.ThrowIfNotEqual(eta, 0);
        return className switch
        {
            Ddim => new DdimScheduler(config, steps, eta),
            Ddpm => new DdpmScheduler(config, steps),
            Euler => new EulerScheduler(config, steps),
            DpmSolverMultistep => new DpmSolverMultistepScheduler(config, steps),
            Pndm => new PndmScheduler(config, steps),
            _ => throw new ArgumentOutOfRangeException(nameof(className), className, "is no scheduler."),
        };
    }
}

namespace Imagic.Diffusion.Schedulers;

/// <summary>The schedulers there are.</summary>
public enum SchedulerKind
{
    /// <summary><see cref="DdimScheduler"/>.</summary>
    Ddim,

    /// <summary><see cref="EulerScheduler"/>.</summary>
    Euler,

    /// <summary><see cref="DpmSolverMultistepScheduler"/>.</summary>
    DpmSolverMultistep,

    /// <summary><see cref="PndmScheduler"/>.</summary>
    Pndm,
}

/// <summary>Makes schedulers.</summary>
public static class Scheduler
{
    /// <summary>A scheduler for one run.</summary>
    /// <param name="kind">Which.</param>
    /// <param name="config">A validated configuration, of whatever scheduler.</param>
    /// <param name="steps">Steps of the run, 1 … training timesteps.</param>
    /// <param name="eta">Share of fresh noise per step, <see cref="SchedulerKind.Ddim"/> only.</param>
    /// <exception cref="ArgumentOutOfRangeException">Too many steps, or η for a scheduler without noise.</exception>
    /// <exception cref="Weights.ModelPackageException">The file asks for a variant that is not supported.</exception>
    public static IScheduler Create(SchedulerKind kind, SchedulerConfig config, int steps, double eta = 0)
    {
        if (kind != SchedulerKind.Ddim) ArgumentOutOfRangeException.ThrowIfNotEqual(eta, 0);
        return kind switch
        {
            SchedulerKind.Ddim => new DdimScheduler(config, steps, eta),
            SchedulerKind.Euler => new EulerScheduler(config, steps),
            SchedulerKind.DpmSolverMultistep => new DpmSolverMultistepScheduler(config, steps),
            SchedulerKind.Pndm => new PndmScheduler(config, steps),
            _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "is no scheduler."),
        };
    }
}

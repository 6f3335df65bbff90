using static TorchSharp.torch;

namespace Imagic.Diffusion.Schedulers;

/// <summary>
/// What one denoising step leaves: the next sample and what the step after needs to remember. All are the caller's to
/// dispose, and none needs what the step was given to live on.
/// </summary>
/// <param name="Sample">x at the next timestep, same shape as the input sample.</param>
/// <param name="History">Tensors to hand to the next step; with the sample the scheduler's whole state.</param>
public readonly record struct SchedulerStep(Tensor Sample, IReadOnlyList<Tensor> History);

/// <summary>
/// A denoising schedule for a fixed number of steps. Immutable: all state is in the arguments, so a run can stop after
/// any step and go on elsewhere.
/// </summary>
public interface IScheduler
{
    /// <summary>Training timesteps to evaluate the model at, in sampling order; Euler's may be fractions.</summary>
    IReadOnlyList<float> Timesteps { get; }

    /// <summary>Factor on unit-normal noise that gives the first sample.</summary>
    float InitNoiseSigma { get; }

    /// <summary>Whether <see cref="Step"/> takes noise.</summary>
    bool IsStochastic => false;

    /// <summary>Whether <see cref="Step"/> reads what a model says of the variance, in the second half of its channels.</summary>
    bool ReadsVariance => false;

    /// <summary>The model input of step <paramref name="index"/> for <paramref name="sample"/>, a new tensor.</summary>
    Tensor ScaleModelInput(Tensor sample, int index);

    /// <summary>Goes from <paramref name="sample"/> at step <paramref name="index"/> to the next one.</summary>
    /// <param name="modelOutput">(B, C, H, W), what the configured prediction type says; (B, 2·C, H, W) with the variance.</param>
    /// <param name="index">Step number, 0-based.</param>
    /// <param name="sample">(B, C, H, W).</param>
    /// <param name="history">The history that the step before returned; empty at step 0.</param>
    /// <param name="noise">Unit-normal noise for stochastic schedulers, (B, C, H, W).</param>
    SchedulerStep Step(
        Tensor modelOutput, int index, Tensor sample, IReadOnlyList<Tensor> history, Tensor? noise = null);
}

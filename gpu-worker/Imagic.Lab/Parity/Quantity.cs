using static TorchSharp.torch;

namespace Imagic.Lab.Parity;

/// <summary>Something that this program computes and that a reference folder may have recorded.</summary>
/// <param name="Name">Name of the recorded tensor.</param>
/// <param name="Limit">Largest relative error that passes, one of <see cref="Limits"/>.</param>
/// <param name="Compute">Computes it; called only where it is recorded.</param>
internal sealed record Quantity(string Name, double Limit, Func<Tensor> Compute)
{
    /// <summary>What the table calls it.</summary>
    public string Label { get; init; } = Name;
}

/// <summary>A part of the engine, and what can be checked of it.</summary>
internal interface IParityArea
{
    /// <summary>The quantities; nothing is computed by listing them.</summary>
    IEnumerable<Quantity> Quantities();
}

/// <summary>
/// Largest ‖a − b‖ / ‖b‖ of each kind of quantity: above the rounding of float32 in another order of summation (which
/// was measured to be 5e-6 at most), below what the smallest mistake would cause. Where the original itself rounds more
/// (<see cref="ReferenceTensor.F64MaxAbsDiff"/>), the limit is twice that.
/// </summary>
internal static class Limits
{
    public const double Exact = 0;

    /// <summary>Noise levels and 8-bit pixels; one pixel that is off by one gives 1e-4 in a small picture.</summary>
    public const double Table = 1e-6;

    /// <summary>One pass through a model, or a scheduler's run on given outputs.</summary>
    public const double Module = 1e-5;

    public const double Gradient = 1e-4;

    /// <summary>
    /// What comes of many steps: losses, e_opt, a tuned UNet's output, samples. One training step less shows in all of
    /// these from 2e-4 on.
    /// </summary>
    public const double Trace = 1e-4;

    /// <summary>Norms of weights after training, in which rounding averages out.</summary>
    public const double WeightNorms = 1e-6;

    /// <summary>How far training moved the weights: differences of nearly equal numbers.</summary>
    public const double WeightChanges = 1e-3;

    /// <summary>
    /// One parameter's own norm of a gradient or change, which may be too small to be seen among all. Twice the share
    /// of rounding from which on the recorders left a parameter out.
    /// </summary>
    public const double OneParameter = 2 * 0.02;

    /// <summary>
    /// Weights after training. A step moves each by about the rate, and where a gradient is rounding noise Adam follows
    /// the noise just as fast.
    /// </summary>
    public static double Weights(double rate) => Math.Max(WeightNorms, rate / 10);
}

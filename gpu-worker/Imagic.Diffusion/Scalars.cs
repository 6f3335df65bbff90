using System.Collections.Concurrent;
using TorchSharp;

namespace Imagic.Diffusion;

/// <summary>
/// Numbers for operations on tensors. TorchSharp passes a scalar on as a bare handle and forgets it: one that nobody
/// holds may be finalized, and freed, before libtorch has read it, and then the operation throws or takes another
/// number. So no scalar is made in passing: the implicit conversions are banned, and ScalarsTests finds the operations
/// that make one inside.
/// Numbers that differ at every step are made with <c>ToScalar</c> and disposed of after their use.
/// </summary>
public static class Scalars
{
    private static readonly ConcurrentDictionary<double, Scalar> Numbers = new();
    private static readonly ConcurrentDictionary<long, Scalar> Integers = new();

    /// <summary>The factor of the second operand in a plain sum.</summary>
    public static Scalar One { get; } = 1.ToScalar();

    /// <summary>A number that code or configuration names. It is kept for as long as the process runs.</summary>
    public static Scalar Held(double number) => Numbers.GetOrAdd(number, static number => number.ToScalar());

    /// <inheritdoc cref="Held(double)"/>
    public static Scalar Held(long number) => Integers.GetOrAdd(number, static number => number.ToScalar());

    /// <summary>1 − x, as torch's operator computes it.</summary>
    public static torch.Tensor OneMinus(this torch.Tensor x) => x.negative().add(One, One);
}

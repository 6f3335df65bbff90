using Imagic.Diffusion.Weights;
using static Imagic.Diffusion.Scalars;
using static TorchSharp.torch;

namespace Imagic.Lab.Parity;

/// <summary>How far a quantity is from the recorded one.</summary>
/// <param name="Name">Name of the recorded tensor.</param>
/// <param name="MaxAbsError">max |a − b|; NaN where nothing could be compared.</param>
/// <param name="RelativeError">‖a − b‖ / ‖b‖; NaN where nothing could be compared.</param>
/// <param name="Limit">Largest <paramref name="RelativeError"/> that passes; 0 asks for equality.</param>
/// <param name="Problem">Why nothing could be compared.</param>
internal sealed record Comparison(
    string Name, double MaxAbsError, double RelativeError, double Limit, string? Problem = null)
{
    // Our rounding and the original's both differ from exact arithmetic.
    private const double RoundingsCompared = 2;

    /// <summary>Whether the quantity is within its limit.</summary>
    public bool IsOk => Problem is null && RelativeError <= Limit;

    /// <summary>A quantity that could not be compared.</summary>
    public static Comparison Failed(string name, string problem) => new(name, double.NaN, double.NaN, 0, problem);

    /// <summary>Compares what was computed with what was recorded under the quantity's name.</summary>
    /// <exception cref="ModelPackageException">The recorded tensor is not in the file.</exception>
    public static Comparison Of(Quantity quantity, ReferenceFolder reference)
    {
        var result = quantity.Compute(); // outside the scope: what others share of it has to live on
        using var scope = NewDisposeScope();
        var (computed, recorded) = (result.detach().cpu(), reference.Expected(quantity.Name));
        if (!computed.shape.SequenceEqual(recorded.shape))
            return Failed(quantity.Label, $"has shape {Text(computed)}, expected {Text(recorded)}");

        var note = reference.Manifest.Tensors[quantity.Name];
        var (a, b) = (computed.to(ScalarType.Float64).view(-1), recorded.to(ScalarType.Float64).view(-1));
        if (note.DoNotCompare is { } noise)
        {
            var names = reference.NamesFor(quantity.Name);
            var kept = Enumerable.Range(0, names.Count).Where(i => !noise.Contains(names[i])).ToArray();
            var indices = tensor(Array.ConvertAll(kept, i => (long)i));
            (a, b) = (a.index_select(0, indices), b.index_select(0, indices));
            var wrong = ((a - b).abs() <= b.abs() * Held(Limits.OneParameter)).data<bool>().ToArray().IndexOf(false);
            if (wrong >= 0)
                return Failed(quantity.Label, $"{names[kept[wrong]]} is off by more than {Limits.OneParameter:p0}");
        }

        var difference = a - b;
        var error = difference.norm().item<double>();
        var size = b.norm().item<double>();
        // The original's own rounding, as a share of the root mean square.
        var rounding = size > 0 ? note.F64MaxAbsDiff * Math.Sqrt(b.numel()) / size : 0;
        return new(
            quantity.Label,
            difference.abs().max().item<double>(),
            error == 0 ? 0 : error / size,
            Math.Max(quantity.Limit, RoundingsCompared * rounding));
    }

    private static string Text(Tensor tensor) => $"({string.Join(", ", tensor.shape)})";
}

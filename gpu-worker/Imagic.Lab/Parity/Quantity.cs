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

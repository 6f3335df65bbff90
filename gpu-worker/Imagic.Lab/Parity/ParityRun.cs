using System.Runtime.InteropServices;
using Imagic.Diffusion.Weights;
using Imagic.Editing;
using static TorchSharp.torch;

namespace Imagic.Lab.Parity;

/// <summary>Computes everything that a reference folder recorded and compares it.</summary>
internal static class ParityRun
{
    /// <summary>One comparison per recorded quantity, as it is computed; a name that no area knows fails.</summary>
    public static IEnumerable<Comparison> Compare(ReferenceFolder reference, LoadedModels models)
    {
        using var scope = NewDisposeScope();
        var expected = reference.ExpectedNames.ToHashSet();
        var known = new HashSet<string>();
        foreach (var quantity in Areas(reference, models).SelectMany(area => area.Quantities()))
        {
            if (!expected.Contains(quantity.Name)) continue;
            known.Add(quantity.Name);
            yield return Compare(quantity, reference);
        }

        foreach (var name in reference.ExpectedNames.Where(name => !known.Contains(name)))
            yield return Comparison.Failed(name, "unknown quantity");
    }

    private static IParityArea[] Areas(ReferenceFolder reference, LoadedModels models)
    {
        var optimize = new OptimizeParity(reference, models);
        var unet = new UNetParity(reference, () => models.UNet, models.IsCascade ? "s1unet" : "unet");
        var superResolution = new UNetParity(reference, () => models.SuperResolution.UNet, "s2unet");
        var fineTune = new FineTuneParity(reference, models, optimize, unet, superResolution);
        return // those that tune the UNet come last
        [
            new TokenizerParity(reference, models.Package),
            new TextParity(reference, models),
            new VaeParity(reference, models),
            unet,
            superResolution,
            new SchedulerParity(reference, models),
            new PreprocessParity(reference),
            new GenerationParity(reference, models),
            new NonSquareParity(reference, models),
            optimize,
            fineTune,
            new SampleParity(reference, models, optimize, fineTune),
            new CascadeParity(reference, models, optimize, fineTune),
        ];
    }

    // One quantity that cannot be computed says nothing about the others.
    private static Comparison Compare(Quantity quantity, ReferenceFolder reference)
    {
        try
        {
            return Comparison.Of(quantity, reference);
        }
        catch (Exception exception) when (IsAboutTheQuantity(exception))
        {
            return Comparison.Failed(quantity.Label, exception.Message);
        }
    }

    // What files, configurations and shapes that do not fit end in; anything else is a fault of the program.
    private static bool IsAboutTheQuantity(Exception exception) => exception is
        ModelPackageException or EditException or ArgumentException or NotSupportedException
        or IOException or ExternalException;
}

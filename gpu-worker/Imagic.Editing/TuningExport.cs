using Imagic.Diffusion.Packages;
using Imagic.Diffusion.Weights;
using Imagic.Editing.Descent;
using static TorchSharp.torch;

namespace Imagic.Editing;

/// <summary>Results of stage 2 in the forms that other programs read.</summary>
public static class TuningExport
{
    /// <summary>Writes LoRA's products as diffusers and PEFT have them: <c>unet.{layer}.lora_A.weight</c> (r, in), <c>…lora_B.weight</c> (out, r); α = r.</summary>
    /// <param name="package">The model that was tuned.</param>
    /// <param name="settings">How.</param>
    /// <param name="tuned">The result, one flat float32 buffer on the CPU.</param>
    /// <param name="file">Where to; replaced when it is there.</param>
    public static void WriteLora(ModelPackage package, FineTuneSettings settings, Tensor tuned, string file)
    {
        using var scope = NewDisposeScope();
        using var unet = package.DeclareUNet();
        using var parameters = TunedWeights.Declare(unet.Parameters, settings);
        SafetensorsWriter.WriteFile(
            file, [.. parameters.Parameters.Select(parameter => ($"unet.{parameter.Name}", ParameterSet.View(tuned, parameter)))], SafetensorsWriter.PyTorch);
    }

    /// <summary>Writes a copy of the package with the tuned UNet, whatever of it was moved.</summary>
    /// <param name="package">The model that was tuned.</param>
    /// <param name="settings">How.</param>
    /// <param name="tuned">The result, one flat float32 buffer on the CPU.</param>
    /// <param name="folder">Where to; made when it is not there.</param>
    /// <param name="cancellationToken">Gives up between two files.</param>
    public static void WritePackage(ModelPackage package, FineTuneSettings settings, Tensor tuned, string folder, CancellationToken cancellationToken)
    {
        using var unet = package.LoadUNet(ScalarType.Float32, CPU);
        TunedWeights.Apply(unet.Parameters, settings, tuned, 1);
        package.CopyWith(unet.Parameters, folder, cancellationToken);
    }
}

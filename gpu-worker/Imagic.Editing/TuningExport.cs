using Imagic.Diffusion.Packages;
using Imagic.Diffusion.UNet;
using Imagic.Diffusion.Weights;
using Imagic.Editing.Descent;
using static TorchSharp.torch;

namespace Imagic.Editing;

/// <summary>What an edit tuned, in the forms that other programs read.</summary>
/// <param name="package">The model that was tuned.</param>
/// <param name="settings">How.</param>
/// <param name="tuned">Result of the UNet's tuning, one flat float32 buffer on the CPU.</param>
/// <param name="superResolution">The same of a cascade's super-resolution; null for other models.</param>
public sealed class TuningExport(ModelPackage package, EditSettings settings, Tensor tuned, Tensor? superResolution)
{
    // What diffusers looks for in a folder that load_lora_weights is given.
    private const string LoraFile = "pytorch_lora_weights.safetensors";

    /// <summary>
    /// Writes LoRA's products as diffusers and PEFT have them: <c>unet.{layer}.lora_A.weight</c> (r, in), <c>…lora_B.weight</c>
    /// (out, r); α = r. Of a cascade each of its two pipelines has a file of its own.
    /// </summary>
    /// <param name="path">File, or folder with <c>stage_1/</c> and <c>stage_2/</c> of a cascade; what is there is replaced.</param>
    public void WriteLora(string path)
    {
        if (superResolution is null)
        {
            WriteLora(package.DeclareUNet(), settings.FineTune, tuned, path);
            return;
        }

        WriteLora(package.DeclareUNet(), settings.FineTune, tuned, InStage(ModelPackage.StageOneFolder));
        WriteLora(package.DeclareSuperResolution(), settings.SuperResolution!.FineTune, superResolution, InStage(ModelPackage.StageTwoFolder));

        string InStage(string stage) => Path.Combine(Directory.CreateDirectory(Path.Combine(path, stage)).FullName, LoraFile);
    }

    /// <summary>Writes a copy of the package with what was tuned, whatever of it was moved.</summary>
    /// <param name="folder">Where to; made when it is not there.</param>
    /// <param name="cancellationToken">Gives up between two files.</param>
    public void WritePackage(string folder, CancellationToken cancellationToken)
    {
        package.CopyWithoutUNets(folder, cancellationToken);
        // One UNet in memory at a time.
        using (var unet = package.LoadUNet(ScalarType.Float32, CPU))
        {
            TunedWeights.Apply(unet.Parameters, settings.FineTune, tuned, 1);
            package.WriteUNet(unet.Parameters, folder);
        }

        if (superResolution is null) return;
        using var large = package.LoadSuperResolution(ScalarType.Float32, CPU);
        TunedWeights.Apply(large.Parameters, settings.SuperResolution!.FineTune, superResolution, 1);
        package.WriteSuperResolution(large.Parameters, folder);
    }

    private static void WriteLora(UNet2DConditionModel unet, FineTuneSettings settings, Tensor tuned, string file)
    {
        using var declared = unet;
        using var scope = NewDisposeScope();
        using var parameters = TunedWeights.Declare(unet.Parameters, settings);
        SafetensorsWriter.WriteFile(
            file, [.. parameters.Parameters.Select(parameter => ($"unet.{parameter.Name}", ParameterSet.View(tuned, parameter)))], SafetensorsWriter.PyTorch);
    }
}

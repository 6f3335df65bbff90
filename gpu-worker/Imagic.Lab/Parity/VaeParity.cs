using Imagic.Diffusion.Vae;
using Imagic.Diffusion.Weights;
using Imagic.Editing;
using static TorchSharp.torch;

namespace Imagic.Lab.Parity;

/// <summary>The autoencoder; also a copy with the attention names of older files, where there is one.</summary>
internal sealed class VaeParity(ReferenceFolder reference, LoadedModels models) : IParityArea
{
    private const string OldNamesFolder = "vae_old_attn_names";

    private string OldFolder => Path.Combine(reference.Folder, OldNamesFolder);

    public IEnumerable<Quantity> Quantities()
    {
        var quantities = Quantities(() => Compute(models.Vae));
        if (!Directory.Exists(OldFolder)) return quantities;
        return quantities.Concat(
            Quantities(ComputeOld).Select(quantity => quantity with { Label = $"{OldNamesFolder}: {quantity.Name}" }));
    }

    private static IEnumerable<Quantity> Quantities(Func<Outputs> compute)
    {
        var outputs = new Lazy<Outputs>(compute);
        return
        [
            new("vae.mean", Limits.Module, () => outputs.Value.Mean),
            new("vae.logvar", Limits.Module, () => outputs.Value.LogVar),
            new("vae.decoded", Limits.Module, () => outputs.Value.Decoded),
        ];
    }

    private Outputs Compute(AutoencoderKL vae)
    {
        var (mean, logVar) = vae.Encode(reference.Input("vae.image"));
        return new(mean, logVar, vae.Decode(reference.Input("vae.latent_in")));
    }

    private Outputs ComputeOld()
    {
        using var weights = SafetensorsFile.Open(Path.Combine(OldFolder, "diffusion_pytorch_model.safetensors"));
        using var vae = new AutoencoderKL(
            AutoencoderKLConfig.Read(Path.Combine(OldFolder, "config.json")), new(ScalarType.Float32, models.Device));
        vae.Parameters.Bind(new SafetensorsSource([weights], WeightKeys.Vae));
        return Compute(vae);
    }

    private sealed record Outputs(Tensor Mean, Tensor LogVar, Tensor Decoded);
}

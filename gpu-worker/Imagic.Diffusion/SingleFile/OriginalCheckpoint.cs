using Imagic.Diffusion.Weights;

namespace Imagic.Diffusion.SingleFile;

/// <summary>A whole model in one safetensors file, under the keys of the original Stable Diffusion code.</summary>
internal sealed class OriginalCheckpoint : IDisposable
{
    public const string UNetPrefix = "model.diffusion_model.", VaePrefix = "first_stage_model.";

    // A pickle is a program: reading it runs whatever its maker put in.
    private static readonly string[] Pickles = [".ckpt", ".pt", ".pth", ".bin"];

    // What is no whole Stable Diffusion, by a part of a key that only such files have. In this order: a LoRA's keys hold those of its model.
    private static readonly (string[] Parts, string What)[] Others =
    [
        (["lora_unet_", "lora_te", ".lora_", "lora_A.", "lora_down.", ".hada_w"], "a LoRA: it changes a model and is none. Convert the model that it was made for"),
        (["control_model.", "controlnet_cond_embedding.", "input_hint_block.", "zero_convs."], "a ControlNet: it steers a model and is none"),
        (["double_blocks."], "a Flux model; Stable Diffusion 1.x, 2.x and XL are read"),
        (["joint_blocks."], "a Stable Diffusion 3 model; 1.x, 2.x and XL are read"),
        (["conditioner.embedders.0.model."], "an SDXL refiner, which only finishes what the base model began. Convert the base model"),
    ];

    private readonly SafetensorsFile _file;

    private OriginalCheckpoint(SafetensorsFile file)
    {
        _file = file;
        Refuse();
        Family = OriginalFamily.All.FirstOrDefault(family => family.Texts.All(text => Has(text.Prefix)))
            ?? throw Fail("it has no text encoder (cond_stage_model.* or conditioner.*). Take a file that holds the whole model");
    }

    public OriginalFamily Family { get; }

    public IEnumerable<SafetensorsEntry> Entries => _file.Entries.Values;

    public SafetensorsFile File => _file;

    /// <summary>Opens a file and reads its header only.</summary>
    /// <exception cref="ModelPackageException">It cannot be read, or is something else than a whole Stable Diffusion.</exception>
    public static OriginalCheckpoint Open(string path)
    {
        if (Pickles.Contains(Path.GetExtension(path).ToLowerInvariant()))
        {
            throw new ModelPackageException(
                path, "it is a pickle by its name, a program that can do anything when it is read. Take the .safetensors file of the same model.");
        }

        var file = SafetensorsFile.Open(path);
        try
        {
            return new(file);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>Whether there are keys with this prefix.</summary>
    public bool Has(string prefix) => _file.Entries.Keys.Any(key => key.StartsWith(prefix, StringComparison.Ordinal));

    /// <summary>How many of <c>{prefix}0.</c>, <c>{prefix}1.</c>, … there are.</summary>
    public int Count(string prefix) => Enumerable.Range(0, int.MaxValue).TakeWhile(i => Has($"{prefix}{i}.")).Count();

    /// <summary>A size of a tensor that every model of the family has.</summary>
    /// <exception cref="ModelPackageException">It is missing.</exception>
    public int Size(string key, int dimension) =>
        _file.Entries.GetValueOrDefault(key) is { } entry && entry.Shape.Length > dimension
            ? checked((int)entry.Shape[dimension])
            : throw Fail($"the tensor '{key}' is missing or no weight. The file is cut, or not of {Family.Name}");

    public ModelPackageException Fail(string problem) => new(_file.Name, $"{problem}.");

    public void Dispose() => _file.Dispose();

    private void Refuse()
    {
        foreach (var (parts, what) in Others)
        {
            if (_file.Entries.Keys.Any(key => Array.Exists(parts, part => key.Contains(part, StringComparison.Ordinal)))) throw Fail($"it is {what}");
        }

        if (Has("down_blocks.") || Has("text_model.") || Has("encoder.down_blocks."))
            throw Fail("it is one component in the diffusers layout, not a whole model. Fetch the package's other folders; there is nothing to convert");
        if (!Has(UNetPrefix)) throw Fail($"it has no UNet ({UNetPrefix}*): no checkpoint of a whole Stable Diffusion");
        if (!Has(VaePrefix)) throw Fail($"it has no autoencoder ({VaePrefix}*). Take a file with the VAE baked in");
        if (_file.Entries.GetValueOrDefault(UNetPrefix + "input_blocks.0.0.weight") is not { Shape: [_, var channels, _, _] } || channels == 4) return;
        throw Fail(channels switch
        {
            9 => "it is an inpainting model: its UNet reads a mask and the masked picture too (9 channels). Convert the model that it was made from",
            _ => $"its UNet reads {channels} channels, where text to image has 4: a model for another task",
        });
    }
}

using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Imagic.Diffusion.Weights;
using static TorchSharp.torch;

namespace Imagic.Lab.Parity;

/// <summary>
/// A model package with tensors that the Python originals were given and gave: <c>expected.json</c> and
/// <c>expected.safetensors</c>, beside the package's files or in its folder <c>check/</c>.
/// </summary>
internal sealed class ReferenceFolder : IDisposable
{
    public const string ManifestFile = "expected.json", InputRole = "input", ExpectedRole = "expected";

    private const string TensorsFile = "expected.safetensors", CheckFolder = "check";

    private readonly SafetensorsFile _tensors;
    private readonly Device _device;

    private ReferenceFolder(string folder, string records, ReferenceManifest manifest, Device device)
    {
        (Folder, Manifest, _device) = (folder, manifest, device);
        ExpectedNames = [.. from tensor in manifest.Tensors where tensor.Value.Role != InputRole select tensor.Key];
        if (ExpectedNames.Count == 0) throw new BadInputException($"'{folder}' records nothing to compare.");
        _tensors = SafetensorsFile.Open(Path.Combine(records, TensorsFile));
    }

    /// <summary>Folder of the model package.</summary>
    public string Folder { get; }

    public ReferenceManifest Manifest { get; }

    /// <summary>Names of the tensors to compute, in the manifest's order.</summary>
    public IReadOnlyList<string> ExpectedNames { get; }

    /// <summary>Numbers of the recorded edit.</summary>
    /// <exception cref="ModelPackageException">The folder has none.</exception>
    public ReferenceHyperParameters HyperParameters => Manifest.HyperParameters ?? throw Missing("hyper_parameters");

    /// <summary>Keys of the parameters in the order of recorded norms.</summary>
    /// <exception cref="ModelPackageException">The folder has none.</exception>
    public IReadOnlyList<string> NamesFor(string tensor)
    {
        var order = Manifest.Tensors[tensor].Order ?? DefaultOrder(tensor);
        var names = order switch
        {
            "kv_param_names" => Manifest.KvParamNames,
            "lora_param_names" => Manifest.LoraParamNames,
            "s1unet_param_names" => Manifest.S1UNetParamNames,
            "s2unet_param_names" => Manifest.S2UNetParamNames,
            _ => Manifest.UNetParamNames,
        };
        return names ?? throw Missing(order);
    }

    /// <summary>Opens a folder of either form.</summary>
    /// <exception cref="BadInputException">
    /// There is no such folder, or nothing is recorded in it.
    /// </exception>
    /// <exception cref="ModelPackageException">A file is missing or broken.</exception>
    public static ReferenceFolder Open(string folder, Device device)
    {
        if (!Directory.Exists(folder)) throw new BadInputException($"There is no folder '{folder}'.");
        var path = Path.Combine(folder, ManifestFile);
        if (File.Exists(path)) return new(folder, folder, Read(path, ModelJson.Default.ReferenceManifest), device);

        var check = Path.Combine(folder, CheckFolder);
        path = Path.Combine(check, ManifestFile);
        if (File.Exists(path))
            return new(folder, check, Read(path, ModelJson.Default.GenerationManifest).ToReference(), device);

        throw new BadInputException(
            $"'{folder}' is no reference folder: it has neither {ManifestFile} nor {CheckFolder}/{ManifestFile}.");
    }

    /// <summary>A tensor that the original was given, on the device.</summary>
    /// <exception cref="ModelPackageException">There is no such tensor.</exception>
    public Tensor Input(string name) => _tensors.ReadTensor(name).to(_device);

    /// <summary>A tensor that the original gave, on the CPU.</summary>
    /// <exception cref="ModelPackageException">There is no such tensor.</exception>
    public Tensor Expected(string name) => _tensors.ReadTensor(name);

    /// <summary>Shape of a recorded tensor.</summary>
    /// <exception cref="ModelPackageException">There is no such tensor.</exception>
    public long[] Shape(string name) =>
        _tensors.Entries.TryGetValue(name, out var entry)
            ? entry.Shape
            : throw new ModelPackageException(_tensors.Name, $"there is no tensor '{name}'.");

    public void Dispose() => _tensors.Dispose();

    // Older folders of cascades do not say which UNet a tensor is of.
    private string DefaultOrder(string tensor) =>
        Manifest.S1UNetParamNames is null ? "unet_param_names"
        : tensor.StartsWith("s2unet.", StringComparison.Ordinal) || tensor.StartsWith("trace.sr.", StringComparison.Ordinal) ? "s2unet_param_names"
        : "s1unet_param_names";

    private ModelPackageException Missing(string key) => new(Path.Combine(Folder, ManifestFile), $"it has no {key}.");

    private static T Read<T>(string path, JsonTypeInfo<T> type)
        where T : class
    {
        try
        {
            return JsonSerializer.Deserialize(File.ReadAllText(path), type)
                ?? throw new ModelPackageException(path, "it is null, expected an object.");
        }
        catch (JsonException exception)
        {
            throw new ModelPackageException(
                path, $"it is not the JSON that was expected: {exception.Message}", exception);
        }
    }
}

using Imagic.Diffusion.Clip;
using Imagic.Diffusion.Configuration;
using Imagic.Diffusion.Safety;
using Imagic.Diffusion.Schedulers;
using Imagic.Diffusion.UNet;
using Imagic.Diffusion.Vae;
using Imagic.Diffusion.Weights;
using static TorchSharp.torch;

namespace Imagic.Diffusion.Packages;

/// <summary>
/// A latent diffusion model on disk, a folder in the diffusers layout: <c>model_index.json</c> and a folder per
/// component. Opening it reads the index only; each component is read when it is loaded.
/// </summary>
public sealed class ModelPackage
{
    private const string DiffusersStem = "diffusion_pytorch_model";

    private readonly ModelIndex _index;
    private readonly IReadOnlyList<TextComponent> _texts;
    private readonly ModelComponent<AutoencoderKLConfig, AutoencoderKL> _vae;
    private readonly ModelComponent<UNet2DConditionConfig, UNet2DConditionModel> _unet;

    private readonly SafetyComponent? _safety;

    private ModelPackage(string folder, ModelIndex index)
    {
        (Folder, _index) = (folder, index);
        var (vae, unet) = (Path.Combine(folder, "vae"), Path.Combine(folder, "unet"));
        TextComponent first = new(folder, suffix: "", projects: false);
        _texts = index.IsXL ? [first, new(folder, suffix: "_2", projects: true)] : [first];
        _vae = new(vae, DiffusersStem, AutoencoderKLConfig.Read, (c, set) => new(c, set), _ => WeightKeys.Vae);
        _unet = new(unet, DiffusersStem, UNet2DConditionConfig.Read, (c, set) => new(c, set));
        _safety = index.HasSafetyChecker ? SafetyComponent.Find(folder) : null;
    }

    public string Folder { get; }

    /// <summary>The folder's own name.</summary>
    public string Name => Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(Folder)));

    private string SchedulerPath => Path.Combine(Folder, "scheduler", "scheduler_config.json");

    /// <exception cref="ModelPackageException">There is no package, or it is of a kind that is not supported.</exception>
    public static ModelPackage Open(string folder)
    {
        PackageFile.CheckLinks(folder);
        if (Directory.Exists(folder) && Directory.EnumerateFiles(folder, "learned_embeds*").FirstOrDefault() is { } embedding)
            throw new ModelPackageException(embedding, "it holds a word learned by textual inversion, which is not read. Take it out of the package to edit without it.");
        return new ModelPackage(folder, ModelIndex.Read(Path.Combine(folder, ModelIndex.FileName)));
    }

    /// <summary>Reads the tokenizer, or both of an XL package.</summary>
    /// <exception cref="ModelPackageException">One is broken or incomplete.</exception>
    public IReadOnlyList<ClipTokenizer> LoadTokenizers() => [.. _texts.Select(text => text.LoadTokenizer())];

    /// <summary>Reads the noise schedule that the model was trained with.</summary>
    /// <exception cref="ModelPackageException">It is broken or asks for what is not supported.</exception>
    public SchedulerConfig LoadScheduler() => SchedulerConfig.Read(SchedulerPath).ForLatents();

    /// <summary>Loads what encodes texts; the caller disposes it.</summary>
    /// <exception cref="ModelPackageException">It is broken, incomplete, or asks for what is not supported.</exception>
    public TextEncoder LoadTextEncoder(ScalarType dtype, Device device)
    {
        List<ClipTextModel> models = [];
        try
        {
            foreach (var text in _texts) models.Add(text.Load(dtype, device));
            return new(LoadTokenizers(), models, _index);
        }
        catch
        {
            models.ForEach(model => model.Dispose());
            throw;
        }
    }

    /// <summary>Loads the autoencoder; the caller disposes it.</summary>
    /// <exception cref="ModelPackageException">It is broken, incomplete, or asks for what is not supported.</exception>
    public AutoencoderKL LoadVae(ScalarType dtype, Device device) => _vae.Load(dtype, device);

    /// <summary>Loads the UNet; the caller disposes it.</summary>
    /// <exception cref="ModelPackageException">It is broken, incomplete, or asks for what is not supported.</exception>
    public UNet2DConditionModel LoadUNet(ScalarType dtype, Device device) => _unet.Load(dtype, device);

    /// <summary>Whether the package can tell pictures that should not be shown.</summary>
    public bool HasSafetyChecker => _safety is not null;

    /// <summary>Loads the safety checker of a package that has one, in float32; the caller disposes it.</summary>
    /// <exception cref="ModelPackageException">It is broken, incomplete, or asks for what is not supported.</exception>
    public SafetyChecker LoadSafetyChecker(Device device) => _safety!.Load(device);

    /// <summary>The UNet with its parameters declared and no memory behind them; the caller disposes it.</summary>
    /// <exception cref="ModelPackageException">Its config is broken or asks for what is not supported.</exception>
    public UNet2DConditionModel DeclareUNet() => _unet.Declare();

    /// <summary>Writes a copy of the package with other weights in its UNet, in their own precision.</summary>
    /// <param name="unet">What takes the place of the package's.</param>
    /// <param name="folder">Where to; made when it is not there.</param>
    /// <param name="cancellationToken">Gives up between two files.</param>
    /// <exception cref="ModelPackageException">A file is missing.</exception>
    public void CopyWith(ParameterSet unet, string folder, CancellationToken cancellationToken)
    {
        var told = Directory.EnumerateFiles(Folder).Where(file => Path.GetFileName(file).StartsWith("LICENSE", StringComparison.OrdinalIgnoreCase));
        foreach (var file in Files().Except(_unet.Weights()).Concat(told))
        {
            cancellationToken.ThrowIfCancellationRequested();
            var copy = Path.Combine(folder, PathOf(file));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(file, copy, overwrite: true);
        }

        SafetensorsWriter.WriteFile(
            Path.Combine(folder, "unet", $"{DiffusersStem}.safetensors"),
            [.. unet.Parameters.Select(parameter => (parameter.Name, parameter.Value))], SafetensorsWriter.PyTorch);
    }

    /// <summary>Puts the package's weights back into a UNet that was loaded from it.</summary>
    /// <exception cref="ModelPackageException">The files changed meanwhile.</exception>
    public void FillUNet(ParameterSet parameters) => _unet.Fill(parameters);

    /// <summary>Which picture sizes the model works at.</summary>
    /// <exception cref="ModelPackageException">A config is broken or asks for what is not supported.</exception>
    public ImageGeometry ReadGeometry()
    {
        var (vae, unet) = (_vae.ReadConfig(), _unet.ReadConfig());
        var factor = 1 << (vae.Levels - 1);
        return new((unet.SampleSize ?? 64) * factor, factor << (unet.Levels - 1));
    }

    /// <summary>What a person should know of the package, and what does not keep it from being used.</summary>
    /// <exception cref="ModelPackageException">It is broken.</exception>
    public IReadOnlyList<string> Notices() =>
    [
        .. _texts.Select(text => text.Notice()).OfType<string>(),
        .. _index.HasSafetyChecker && _safety is null ? ["The model's safety checker is not in the package: pictures are not checked."] : Array.Empty<string>(),
    ];

    /// <summary>Checks each config, key and shape, and that the components fit each other, without reading weights.</summary>
    public PackageReport Verify()
    {
        List<ComponentReport> components =
        [
            .. _texts.SelectMany(text => text.Checks()).Select(check => Report(check.Name, check.Check)),
            Report("vae", _vae.Check),
            Report("unet", _unet.Check),
            Report("scheduler", () => LoadScheduler()),
            .. _safety is null ? Array.Empty<ComponentReport>() : [Report(SafetyComponent.Name, _safety.Check)],
        ];
        if (components.TrueForAll(component => component.Problem is null)) components.Add(Report("package", CheckFit));
        return new PackageReport(components);
    }

    /// <summary>
    /// The package's identity, independent of readme and pictures: SHA-256 over a line <c>{sha256}  {path}</c> for each
    /// file that a component is read from, in the order of their paths, which is what <c>sha256sum</c> prints.
    /// </summary>
    /// <returns>64 lower-case hexadecimal digits.</returns>
    /// <exception cref="ModelPackageException">A file is missing or cannot be read.</exception>
    public async Task<string> HashAsync(CancellationToken cancellationToken = default)
    {
        var files = new List<(string, string)>();
        foreach (var file in Files()) files.Add((PathOf(file), await PackageHash.OfFileAsync(file, cancellationToken)));
        return PackageHash.Of(files);
    }

    /// <summary>A file's path below the package's folder, with '/' between parts.</summary>
    public string PathOf(string file) => Path.GetRelativePath(Folder, file).Replace(Path.DirectorySeparatorChar, '/');

    /// <summary>Paths of all files that a component is read from.</summary>
    /// <exception cref="ModelPackageException">A file is missing.</exception>
    public IEnumerable<string> Files()
    {
        return
        [
            Path.Combine(Folder, ModelIndex.FileName), SchedulerPath, .. _texts.SelectMany(text => text.Files()),
            .. _vae.Files(), .. _unet.Files(), .. _safety?.Files() ?? [],
        ];
    }

    private static ComponentReport Report(string name, Action check) => Report(name, () =>
    {
        check();
        return 0;
    });

    private static ComponentReport Report(string name, Func<long> check)
    {
        try
        {
            return new ComponentReport(name, check(), Problem: null);
        }
        catch (ModelPackageException e)
        {
            return new ComponentReport(name, ParameterCount: 0, e.Message, e.InnerException);
        }
    }

    private void CheckFit()
    {
        var (vae, unet) = (_vae.ReadConfig(), _unet.ReadConfig());
        foreach (var problem in _texts.Select(text => text.Misfit()).OfType<string>()) Require(fits: false, problem);
        var encoders = _texts.Select(text => text.ReadConfig()).ToList();
        var width = encoders.Sum(config => config.HiddenSize);
        Require(unet.CrossAttentionDim == width, $"the UNet attends to states of width {unet.CrossAttentionDim}, those of the text have {width}");
        Require(
            unet.AddsTextAndTime == _index.IsXL,
            $"the UNet's addition_embed_type is {unet.AdditionEmbedType ?? "null"}, expected {(_index.IsXL ? "text_time" : "null")} in a package of this kind");
        Require(
            unet.PooledDim is not { } pooled || pooled == encoders[^1].ProjectionDim,
            $"the UNet takes a pooled state of width {unet.PooledDim}, text_encoder_2 gives {encoders[^1].ProjectionDim}");
        Require(
            unet.InChannels == vae.LatentChannels && unet.OutChannels == vae.LatentChannels,
            $"the UNet maps {unet.InChannels} channels to {unet.OutChannels}, latents have {vae.LatentChannels} (inpainting and instruction models read more)");

        void Require(bool fits, string problem)
        {
            if (!fits) throw new ModelPackageException(Folder, $"{problem}: the components are not of one model.");
        }
    }
}

/// <summary>Which picture sizes a model works at.</summary>
/// <param name="Side">Side of the square pictures that it was trained on, in pixels.</param>
/// <param name="Multiple">What both sides should be divisible by, so that every level of the UNet halves evenly.</param>
public readonly record struct ImageGeometry(int Side, int Multiple);

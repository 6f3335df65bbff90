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
    /// <summary>Folders of a cascade's two stages.</summary>
    public const string StageOneFolder = "stage_1", StageTwoFolder = "stage_2";

    private const string DiffusersStem = "diffusion_pytorch_model", SchedulerFile = "scheduler_config.json";

    private readonly ITextComponents _text;
    private readonly ModelComponent<AutoencoderKLConfig, AutoencoderKL>? _vae;
    private readonly ModelComponent<UNet2DConditionConfig, UNet2DConditionModel> _unet;
    private readonly ModelComponent<UNet2DConditionConfig, UNet2DConditionModel>? _superResolution;

    private readonly SafetyComponent? _safety;
    private readonly bool _lacksSafetyChecker;

    private ModelPackage(string folder, ModelIndex index)
    {
        (Folder, Family) = (folder, index.Family);
        if (Family == ModelFamily.PixelCascade)
        {
            _text = new T5Components(InStageOne(""));
            _unet = UNetIn(InStageOne("unet"));
            _superResolution = UNetIn(InStageTwo("unet"));
            return;
        }

        _text = new ClipComponents(folder, index);
        _vae = new(Path.Combine(folder, "vae"), DiffusersStem, AutoencoderKLConfig.Read, (c, set) => new(c, set), _ => WeightKeys.Vae);
        _unet = UNetIn(Path.Combine(folder, "unet"));
        _safety = index.HasSafetyChecker ? SafetyComponent.Find(folder) : null;
        _lacksSafetyChecker = index.HasSafetyChecker && _safety is null;
    }

    /// <summary>Which kind of model it is.</summary>
    public ModelFamily Family { get; }

    public string Folder { get; }

    /// <summary>The folder's own name.</summary>
    public string Name => Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(Folder)));

    private string SchedulerPath => InStageOne("scheduler", SchedulerFile);

    private string SuperResolutionSchedulerPath => InStageTwo("scheduler", SchedulerFile);

    private string NoisingSchedulerPath => InStageTwo("image_noising_scheduler", SchedulerFile);

    /// <exception cref="ModelPackageException">There is no package, or it is of a kind that is not supported.</exception>
    public static ModelPackage Open(string folder)
    {
        PackageFile.CheckLinks(folder);
        if (Directory.Exists(folder) && Directory.EnumerateFiles(folder, "learned_embeds*").FirstOrDefault() is { } embedding)
            throw new ModelPackageException(embedding, "it holds a word learned by textual inversion, which is not read. Take it out of the package to edit without it.");
        return new ModelPackage(folder, ModelIndex.Read(folder));
    }

    /// <summary>The words of a text that the model does not read, wholly or in part; empty when it reads all.</summary>
    /// <exception cref="ModelPackageException">The tokenizer is broken or incomplete.</exception>
    public string CutText(string text) => _text.Cut(text);

    /// <summary>Reads the noise schedule that the model was trained with; of a cascade, that of the small picture.</summary>
    /// <exception cref="ModelPackageException">It is broken or asks for what is not supported.</exception>
    public SchedulerConfig LoadScheduler() =>
        Family == ModelFamily.PixelCascade ? SchedulerConfig.Read(SchedulerPath) : SchedulerConfig.Read(SchedulerPath).ForLatents();

    /// <summary>Reads the noise schedule of a cascade's super-resolution.</summary>
    /// <exception cref="ModelPackageException">It is broken or asks for what is not supported.</exception>
    public SchedulerConfig LoadSuperResolutionScheduler() => SchedulerConfig.Read(SuperResolutionSchedulerPath);

    /// <summary>Reads the schedule of the noise that a cascade's small picture gets before super-resolution.</summary>
    /// <exception cref="ModelPackageException">It is broken or asks for what is not supported.</exception>
    public SchedulerConfig LoadNoisingScheduler() => SchedulerConfig.Read(NoisingSchedulerPath);

    /// <summary>Loads what encodes texts; the caller disposes it.</summary>
    /// <exception cref="ModelPackageException">It is broken, incomplete, or asks for what is not supported.</exception>
    public TextEncoder LoadTextEncoder(ScalarType dtype, Device device) => _text.Load(dtype, device);

    /// <summary>Loads the autoencoder; the caller disposes it.</summary>
    /// <exception cref="ModelPackageException">It is broken, incomplete, or asks for what is not supported.</exception>
    /// <exception cref="InvalidOperationException">A cascade works on pixels.</exception>
    public AutoencoderKL LoadVae(ScalarType dtype, Device device) => _vae is null ? throw OfCascade() : _vae.Load(dtype, device);

    /// <summary>Loads the UNet of a cascade's super-resolution; the caller disposes it.</summary>
    /// <exception cref="ModelPackageException">It is broken, incomplete, or asks for what is not supported.</exception>
    /// <exception cref="InvalidOperationException">It is no cascade.</exception>
    public UNet2DConditionModel LoadSuperResolution(ScalarType dtype, Device device) =>
        _superResolution is null ? throw OfCascade() : _superResolution.Load(dtype, device);

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

    /// <summary>The same of a cascade's super-resolution.</summary>
    /// <exception cref="ModelPackageException">Its config is broken or asks for what is not supported.</exception>
    /// <exception cref="InvalidOperationException">It is no cascade.</exception>
    public UNet2DConditionModel DeclareSuperResolution() => _superResolution is null ? throw OfCascade() : _superResolution.Declare();

    /// <summary>Copies the package without the weights of its UNets, which <see cref="WriteUNet"/> and its like add.</summary>
    /// <param name="folder">Where to; made when it is not there.</param>
    /// <param name="cancellationToken">Gives up between two files.</param>
    /// <exception cref="ModelPackageException">A file is missing.</exception>
    public void CopyWithoutUNets(string folder, CancellationToken cancellationToken)
    {
        var told = Directory.EnumerateFiles(Folder, "*", new EnumerationOptions { RecurseSubdirectories = true, MaxRecursionDepth = 1 })
            .Where(file => Path.GetFileName(file).StartsWith("LICENSE", StringComparison.OrdinalIgnoreCase));
        foreach (var file in Files().Except(_unet.Weights()).Except(_superResolution?.Weights() ?? []).Concat(told))
        {
            cancellationToken.ThrowIfCancellationRequested();
            var copy = Path.Combine(folder, PathOf(file));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(file, copy, overwrite: true);
        }
    }

    /// <summary>Adds weights for the UNet to a copy of the package, in their own precision.</summary>
    public void WriteUNet(ParameterSet unet, string folder) => Write(_unet, unet, folder);

    /// <summary>The same for a cascade's super-resolution.</summary>
    /// <exception cref="InvalidOperationException">It is no cascade.</exception>
    public void WriteSuperResolution(ParameterSet unet, string folder) => Write(_superResolution ?? throw OfCascade(), unet, folder);

    /// <summary>Puts the package's weights back into a UNet that was loaded from it.</summary>
    /// <exception cref="ModelPackageException">The files changed meanwhile.</exception>
    public void FillUNet(ParameterSet parameters) => _unet.Fill(parameters);

    /// <summary>The same for <see cref="LoadSuperResolution"/>.</summary>
    /// <exception cref="ModelPackageException">The files changed meanwhile.</exception>
    public void FillSuperResolution(ParameterSet parameters) => _superResolution!.Fill(parameters);

    /// <summary>Which picture sizes the model works at.</summary>
    /// <exception cref="ModelPackageException">A config is broken or asks for what is not supported.</exception>
    public ImageGeometry ReadGeometry()
    {
        var unet = _unet.ReadConfig();
        var factor = Factor();
        return new((unet.SampleSize ?? 64) * factor, factor << (unet.Levels - 1));
    }

    /// <summary>How many times larger than a cascade's small picture super-resolution makes it.</summary>
    /// <exception cref="ModelPackageException">A config is broken or asks for what is not supported.</exception>
    /// <exception cref="InvalidOperationException">It is no cascade.</exception>
    public int ReadUpscaling() => _superResolution is null
        ? throw OfCascade()
        : (_superResolution.ReadConfig().SampleSize ?? 256) / (_unet.ReadConfig().SampleSize ?? 64);

    /// <summary>Side of what is denoised of a square picture.</summary>
    /// <exception cref="ModelPackageException">A config is broken or asks for what is not supported.</exception>
    public int LatentSide(int pixels) => pixels / Factor();

    private int Factor() => _vae is null ? ReadUpscaling() : 1 << (_vae.ReadConfig().Levels - 1);

    /// <summary>What a person should know of the package, and what does not keep it from being used.</summary>
    /// <exception cref="ModelPackageException">It is broken.</exception>
    public IReadOnlyList<string> Notices() =>
    [
        .. _text.Notices(),
        .. _lacksSafetyChecker ? ["The model's safety checker is not in the package: pictures are not checked."] : Array.Empty<string>(),
    ];

    /// <summary>Checks each config, key and shape, and that the components fit each other, without reading weights.</summary>
    public PackageReport Verify()
    {
        List<ComponentReport> components =
        [
            .. _text.Checks().Select(check => Report(check.Name, check.Check)),
            .. _vae is null ? Array.Empty<ComponentReport>() : [Report("vae", _vae.Check)],
            Report(Name(_unet), _unet.Check),
            .. _superResolution is null ? Array.Empty<ComponentReport>() : [Report(Name(_superResolution), _superResolution.Check)],
            .. Schedulers.Select(path => Report(Path.GetDirectoryName(PathOf(path))!, () => SchedulerConfig.Read(path))),
            .. _safety is null ? Array.Empty<ComponentReport>() : [Report(SafetyComponent.Name, _safety.Check)],
        ];
        if (components.TrueForAll(component => component.Problem is null)) components.Add(Report("package", CheckFit));
        return new PackageReport(components);

        string Name(ModelComponent<UNet2DConditionConfig, UNet2DConditionModel> unet) => PathOf(unet.Folder);
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
            .. Family == ModelFamily.PixelCascade
                ? [InStageOne(ModelIndex.FileName), InStageTwo(ModelIndex.FileName)]
                : new[] { Path.Combine(Folder, ModelIndex.FileName) },
            .. Schedulers, .. _text.Files(), .. _vae?.Files() ?? [], .. _unet.Files(), .. _superResolution?.Files() ?? [],
            .. _safety?.Files() ?? [],
        ];
    }

    private string[] Schedulers =>
        Family == ModelFamily.PixelCascade ? [SchedulerPath, SuperResolutionSchedulerPath, NoisingSchedulerPath] : [SchedulerPath];

    private void Write(ModelComponent<UNet2DConditionConfig, UNet2DConditionModel> component, ParameterSet unet, string folder) =>
        SafetensorsWriter.WriteFile(
            Path.Combine(folder, PathOf(component.Folder), $"{DiffusersStem}.safetensors"),
            [.. unet.Parameters.Select(parameter => (parameter.Name, parameter.Value))], SafetensorsWriter.PyTorch);

    private static ModelComponent<UNet2DConditionConfig, UNet2DConditionModel> UNetIn(string folder) =>
        new(folder, DiffusersStem, UNet2DConditionConfig.Read, (c, set) => new(c, set));

    private InvalidOperationException OfCascade() => new($"'{Name}' is of the family {Family}");

    private string InStageOne(params string[] names) =>
        Path.Combine([Folder, .. Family == ModelFamily.PixelCascade ? [StageOneFolder] : Array.Empty<string>(), .. names]);

    private string InStageTwo(params string[] names) => Path.Combine([Folder, StageTwoFolder, .. names]);

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
        var unet = _unet.ReadConfig();
        var (states, pooled) = _text.ReadWidths();
        if (_text.Misfit() is { } misfit) Require(fits: false, misfit);
        Require(unet.TextDim == states, $"the UNet attends to states of width {unet.TextDim}, those of the text have {states}");
        Require(
            unet.AddsTextAndTime == (Family == ModelFamily.StableDiffusionXL),
            $"the UNet's addition_embed_type is {unet.AdditionEmbedType ?? "null"}, not that of a package of this kind");
        Require(unet.ClassEmbedType is null, "the UNet takes a noise level (class_embed_type), as only super-resolution does");
        Require(unet.PooledDim == pooled, $"the UNet takes a pooled state of width {unet.PooledDim}, text_encoder_2 gives {pooled}");
        if (_vae is null)
        {
            var superResolution = _superResolution!.ReadConfig();
            Require(superResolution.TextDim == states, $"the super-resolution attends to states of width {superResolution.TextDim}, those of the text have {states}");
            Require(unet.InChannels == 3, $"the UNet reads {unet.InChannels} channels, pictures have 3");
            Require(superResolution.InChannels == 6, $"the super-resolution reads {superResolution.InChannels} channels, two pictures have 6");
            Require(superResolution.ClassEmbedType is not null, "the super-resolution takes no noise level (class_embed_type)");
            Require(ReadUpscaling() > 1, $"the super-resolution's sample_size is {superResolution.SampleSize}, the UNet's {unet.SampleSize}");
            return;
        }

        var vae = _vae.ReadConfig();
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

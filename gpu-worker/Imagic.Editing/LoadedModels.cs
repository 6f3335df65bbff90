using Imagic.Diffusion.Packages;
using Imagic.Diffusion.Schedulers;
using Imagic.Diffusion.UNet;
using Imagic.Diffusion.Vae;
using static TorchSharp.torch;

namespace Imagic.Editing;

/// <summary>
/// The models of one package in device memory, each loaded when first asked for. Nothing in here is state: all of it
/// can be dropped and loaded again.
/// </summary>
/// <param name="package">Where the weights are.</param>
/// <param name="dtype">What the UNet computes in; the autoencoder and the text encoder always use float32.</param>
/// <param name="device">CPU or CUDA.</param>
/// <param name="hash">The package's identity where it is known; computed when it is asked for otherwise.</param>
public sealed class LoadedModels(ModelPackage package, ScalarType dtype, Device device, string? hash = null) : IDisposable
{
    private AutoencoderKL? _vae;
    private Denoiser? _superResolution;
    private IPictureSpace? _pictures;
    private NoiseSchedule? _noising;
    private string? _hash = hash;

    /// <summary>Where the weights come from.</summary>
    public ModelPackage Package { get; } = package;

    /// <summary>Where the models compute.</summary>
    public Device Device { get; } = device;

    /// <summary>What the UNet computes in.</summary>
    public ScalarType Dtype { get; } = dtype;

    /// <summary>What the embedding is optimized on: the only denoiser, or a cascade's of the small picture.</summary>
    public Denoiser Base { get; } = new(package.LoadScheduler(), () => package.LoadUNet(dtype, device), package.FillUNet, device);

    /// <summary>What makes a cascade's small picture large.</summary>
    public Denoiser SuperResolution => _superResolution ??=
        new(Package.LoadSuperResolutionScheduler(), () => Package.LoadSuperResolution(Dtype, Device), Package.FillSuperResolution, Device);

    /// <summary>The noise that a cascade's small picture gets before super-resolution.</summary>
    public NoiseSchedule Noising => _noising ??= new(Package.LoadNoisingScheduler(), Device);

    /// <summary>Whether there is a super-resolution.</summary>
    public bool IsCascade => Package.Family == ModelFamily.PixelCascade;

    /// <summary>Training noise schedule of the base.</summary>
    public NoiseSchedule Schedule => Base.Schedule;

    /// <summary>The UNet of the base.</summary>
    public UNet2DConditionModel UNet => Base.UNet;

    public AutoencoderKL Vae => _vae ??= Package.LoadVae(ScalarType.Float32, Device);

    /// <summary>Frees the autoencoder's memory, for as long as nobody asks for it.</summary>
    public void DropVae()
    {
        if (_vae is null) return;
        _pictures = null;
        _vae.Dispose();
        _vae = null;
    }

    /// <summary>How pictures become what the base denoises.</summary>
    public IPictureSpace Pictures => _pictures ??= IsCascade ? new SmallPictureSpace(Package.ReadUpscaling()) : new LatentSpace(Vae);

    /// <summary>A denoising schedule for the base.</summary>
    public IScheduler CreateScheduler(SchedulerType scheduler, int steps) => Base.CreateScheduler(scheduler, steps);

    /// <summary>Frees the memory of the other UNet of a cascade than <paramref name="denoiser"/>'s: a tuning needs one only.</summary>
    public void UnloadAllBut(Denoiser denoiser)
    {
        if (denoiser != Base) Base.Unload();
        if (denoiser != _superResolution) _superResolution?.Unload();
    }

    /// <summary>The package's identity; computed once.</summary>
    public async Task<string> HashAsync(CancellationToken cancellationToken) =>
        _hash ??= await Package.HashAsync(cancellationToken);

    /// <summary>Puts the package's weights back into the UNet of the base.</summary>
    public void ResetUNet() => Base.Reset();

    /// <summary>e of <paramref name="texts"/>, states (B, T, d) float32. The encoder is loaded for the call only.</summary>
    public TextEmbedding EncodeText(params IReadOnlyList<string> texts) => WithTextEncoder(encoder => encoder.Encode(texts));

    /// <summary>e of a text, and of one to steer away from, each of batch 1.</summary>
    public (TextEmbedding Target, TextEmbedding Negative) EncodeTexts(string target, string negative) =>
        WithTextEncoder(encoder => (encoder.Encode(target), encoder.EncodeNegative(negative)));

    /// <summary>What an XL model is told of the size of the picture whose latents these are, (1, 6); null for the others.</summary>
    /// <param name="latents">(B, C, h, w).</param>
    public Tensor? TimeIds(Tensor latents)
    {
        if (!UNet.Config.AddsTextAndTime) return null;
        var (height, width) = (latents.shape[2] * Pictures.Factor, latents.shape[3] * Pictures.Factor);
        return tensor([height, width, 0, 0, height, width], [1, UNet2DConditionConfig.TimeIds], ScalarType.Float32, Device);
    }

    /// <summary>
    /// What the autoencoder alone makes of a picture: no edit can come closer to its source. Of a cascade, whose edits can,
    /// the small picture made large by interpolation.
    /// </summary>
    public RgbImage Reconstruct(RgbImage picture)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        var encoded = Pictures.Encode(picture.ToTensor().to(Device), noise: null);
        return ImageTensors.ToImage(ImageTensors.ToBytes(IsCascade ? LowResolution.From(encoded, Pictures.Factor, Noising).Upscaled : Pictures.Decode(encoded)), 0);
    }

    /// <summary>Decodes scaled latents (B, C, h, w) to bytes (B, H, W, 3) on the CPU.</summary>
    public Tensor Decode(Tensor latents)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        return ImageTensors.ToBytes(Pictures.Decode(latents)).MoveToOuterDisposeScope();
    }

    public void Dispose()
    {
        Base.Dispose();
        _superResolution?.Dispose();
        _vae?.Dispose();
        _noising?.Dispose();
    }

    private T WithTextEncoder<T>(Func<TextEncoder, T> encode)
    {
        using var noGrad = no_grad();
        using var encoder = Package.LoadTextEncoder(ScalarType.Float32, Device);
        return encode(encoder);
    }
}

using Imagic.Diffusion.Packages;
using Imagic.Diffusion.Schedulers;
using Imagic.Diffusion.UNet;
using Imagic.Diffusion.Vae;
using static Imagic.Diffusion.Scalars;
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
    private readonly SchedulerConfig _schedulerConfig = package.LoadScheduler();
    private UNet2DConditionModel? _unet;
    private AutoencoderKL? _vae;
    private NoiseSchedule? _schedule;
    private string? _hash = hash;

    /// <summary>Where the weights come from.</summary>
    public ModelPackage Package { get; } = package;

    /// <summary>Where the models compute.</summary>
    public Device Device { get; } = device;

    /// <summary>What the UNet computes in.</summary>
    public ScalarType Dtype { get; } = dtype;

    /// <summary>Training noise schedule of the package.</summary>
    public NoiseSchedule Schedule => _schedule ??= new(_schedulerConfig, Device);

    /// <summary>The denoiser; its weights are whatever the last stage left, see <see cref="ResetUNet"/>.</summary>
    public UNet2DConditionModel UNet => _unet ??= Package.LoadUNet(Dtype, Device);

    public AutoencoderKL Vae => _vae ??= Package.LoadVae(ScalarType.Float32, Device);

    /// <summary>A denoising schedule for the package.</summary>
    public IScheduler CreateScheduler(SchedulerType scheduler, int steps) => Scheduler.Create(
        scheduler switch
        {
            SchedulerType.Ddim => Scheduler.Ddim,
            SchedulerType.Euler => Scheduler.Euler,
            SchedulerType.DpmSolverMultistep => Scheduler.DpmSolverMultistep,
            SchedulerType.Pndm => Scheduler.Pndm,
            _ => throw new ArgumentOutOfRangeException(nameof(scheduler), scheduler, "not a scheduler"),
        },
        _schedulerConfig,
        steps);

    /// <summary>The package's identity; computed once.</summary>
    public async Task<string> HashAsync(CancellationToken cancellationToken) =>
        _hash ??= await Package.HashAsync(cancellationToken);

    /// <summary>Puts the package's weights back into the UNet.</summary>
    public void ResetUNet()
    {
        if (_unet is null) return;
        _unet.Parameters.StopTrackingGradients();
        Package.FillUNet(_unet.Parameters);
    }

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
        var (height, width) = (latents.shape[2] * Vae.Factor, latents.shape[3] * Vae.Factor);
        return tensor([height, width, 0, 0, height, width], [1, UNet2DConditionConfig.TimeIds], ScalarType.Float32, Device);
    }

    /// <summary>What the autoencoder alone makes of a picture: no edit can come closer to its source.</summary>
    public RgbImage Reconstruct(RgbImage picture)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        return ImageTensors.ToImage(ImageTensors.ToBytes(Vae.Decode(Vae.Encode(picture.ToTensor().to(Device)).Mean)), 0);
    }

    /// <summary>Decodes scaled latents (B, C, h, w) to bytes (B, H, W, 3) on the CPU.</summary>
    public Tensor Decode(Tensor latents)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        return ImageTensors.ToBytes(Vae.Decode(latents / Held(Vae.Config.ScalingFactor))).MoveToOuterDisposeScope();
    }

    public void Dispose()
    {
        _unet?.Dispose();
        _vae?.Dispose();
        _schedule?.Dispose();
    }

    private T WithTextEncoder<T>(Func<TextEncoder, T> encode)
    {
        using var noGrad = no_grad();
        using var encoder = Package.LoadTextEncoder(ScalarType.Float32, Device);
        return encode(encoder);
    }
}

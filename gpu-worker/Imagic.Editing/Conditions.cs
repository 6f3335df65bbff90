using Imagic.Diffusion.UNet;
using Imagic.Editing.Checkpoints;
using Imagic.Editing.Descent;
using static TorchSharp.torch;

namespace Imagic.Editing;

/// <summary>What the models see of the source picture and the texts; computed once, then part of every checkpoint.</summary>
public sealed record Conditions : IDisposable
{
    private const string TimeIdsName = "time_ids";

    /// <summary>The source as the base model denoises it: its scaled latent, or a cascade's small picture, (1, C, h, w) float32.</summary>
    public required Tensor Latents { get; init; }

    /// <summary>e_tgt, of the target text, states (1, T, d) float32.</summary>
    public required TextEmbedding Target { get; init; }

    /// <summary>e of the text that guidance steers away from, states (1, T, d) float32.</summary>
    public required TextEmbedding Negative { get; init; }

    /// <summary>What an XL model is told of the picture's size, (1, 6) float32; null for the others.</summary>
    public Tensor? TimeIds { get; init; }

    /// <summary>Encodes source and texts.</summary>
    public static Conditions Encode(LoadedModels models, EditSettings settings, RgbImage source)
    {
        using var pixels = source.ToTensor();
        Func<long[], Tensor>? noise = settings.Latent == LatentMode.Sample
            ? shape => StepRandom.Noise(settings.Seed, "latent", 0, shape, models.Device)
            : null;
        return Encode(models, pixels, noise, settings.TuningTexts.TargetText, settings.TuningTexts.NegativeText);
    }

    /// <summary>Encodes source and texts.</summary>
    /// <param name="models">What encodes them.</param>
    /// <param name="pixels">Source picture, (1, 3, H, W) in [-1, 1].</param>
    /// <param name="noise">Gives ε of the posterior sample μ + σ·ε for its shape; null takes the mean.</param>
    /// <param name="target">Target text.</param>
    /// <param name="negative">Text that guidance steers away from.</param>
    public static Conditions Encode(
        LoadedModels models, Tensor pixels, Func<long[], Tensor>? noise, string target, string negative)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        var latents = models.Pictures.Encode(pixels.to(models.Device), noise);
        var texts = models.EncodeTexts(target, negative);
        return new()
        {
            Latents = latents.DetachFromDisposeScope(),
            Target = texts.Target.Map(part => part.DetachFromDisposeScope()),
            Negative = texts.Negative.Map(part => part.DetachFromDisposeScope()),
            TimeIds = models.TimeIds(latents)?.DetachFromDisposeScope(),
        };
    }

    /// <summary>The same picture with other texts; this object is disposed with it.</summary>
    public Conditions With(LoadedModels models, EditTexts texts)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        var (target, negative) = models.EncodeTexts(texts.TargetText, texts.NegativeText);
        Target.Dispose();
        Negative.Dispose();
        return this with { Target = target.Map(part => part.DetachFromDisposeScope()), Negative = negative.Map(part => part.DetachFromDisposeScope()) };
    }

    /// <summary>The conditions that <see cref="Named"/> saved.</summary>
    public static Conditions Read(Checkpoint saved, Device device) => new()
    {
        Latents = saved.Read("latents", device),
        Target = saved.ReadText("target", device),
        Negative = saved.ReadText("negative", device),
        TimeIds = saved.Has(TimeIdsName) ? saved.Read(TimeIdsName, device) : null,
    };

    /// <summary>The tensors and their names in checkpoints.</summary>
    public IReadOnlyList<NamedTensor> Named() =>
    [
        new("latents", Latents), .. NamedTensor.Of("target", Target), .. NamedTensor.Of("negative", Negative),
        .. TimeIds is null ? Array.Empty<NamedTensor>() : [new(TimeIdsName, TimeIds)],
    ];

    public void Dispose()
    {
        Latents.Dispose();
        Target.Dispose();
        Negative.Dispose();
        TimeIds?.Dispose();
    }
}

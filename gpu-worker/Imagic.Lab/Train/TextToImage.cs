using Imagic.Contracts.Settings;
using Imagic.Editing;
using Imagic.Editing.Descent;
using Imagic.Editing.Sample;
using static TorchSharp.torch;

namespace Imagic.Lab.Train;

/// <summary>Pictures of texts from pure noise, without any source: what the model knows.</summary>
/// <param name="Steps">Denoising steps, DDIM.</param>
/// <param name="Guidance">Classifier-free guidance scale.</param>
public sealed record TextToImage(int Steps = 25, double Guidance = 4, int Batch = 16)
{
    /// <summary>What guidance steers away from.</summary>
    public string NegativeText { get; init; } = "";

    /// <summary>Width and height of the latents; null is the model's own.</summary>
    public int? Side { get; init; }

    /// <summary>Scaled latents (N, C, h, w) float32 of texts; text n starts from the noise of <c>seeds[n]</c>.</summary>
    public Tensor Latents(LoadedModels models, IReadOnlyList<string> texts, IReadOnlyList<long> seeds, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(models);
        ArgumentNullException.ThrowIfNull(texts);
        ArgumentNullException.ThrowIfNull(seeds);
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        var parts = new List<Tensor>();
        for (var start = 0; start < texts.Count; start += Batch)
        {
            using var step = NewDisposeScope();
            string[] batch = [.. texts.Skip(start).Take(Batch)];
            parts.Add(Denoise(models, batch, [.. seeds.Skip(start).Take(Batch)], cancellationToken).MoveToOuterDisposeScope());
        }
        return cat(parts).MoveToOuterDisposeScope();
    }

    /// <summary>The pictures of <see cref="Latents"/>, uint8 (N, H, W, 3) on the CPU.</summary>
    public Tensor Pictures(LoadedModels models, IReadOnlyList<string> texts, IReadOnlyList<long> seeds, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(models);
        using var latents = Latents(models, texts, seeds, cancellationToken);
        return models.Decode(latents);
    }

    private Tensor Denoise(LoadedModels models, string[] texts, long[] seeds, CancellationToken cancellationToken)
    {
        var (targets, nothing) = (models.EncodeText(texts), models.EncodeText(NegativeText));
        var scheduler = models.CreateScheduler(SchedulerType.Ddim, Steps);
        var config = models.UNet.Config;
        var side = Side ?? config.SampleSize ?? 64;
        long[] shape = [1, config.InChannels, side, side];
        var noise = cat([.. seeds.Select(seed => StepRandom.Noise(seed, "sample", 0, shape, models.Device))]);
        using var sampler = new Sampler(
            models.UNet, scheduler, targets, nothing, Guidance, models.TimeIds(noise));
        return sampler.Run(Sampler.Start(scheduler, noise), cancellationToken: cancellationToken).Sample;
    }
}

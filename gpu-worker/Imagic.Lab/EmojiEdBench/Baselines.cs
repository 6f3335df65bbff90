using Imagic.Contracts.Settings;
using Imagic.Editing;
using Imagic.Editing.Descent;
using Imagic.Editing.Sample;
using static TorchSharp.torch;

namespace Imagic.Lab.EmojiEdBench;

/// <summary>What Imagic is compared with, on the model as it is: SDEdit (Meng et al., arXiv 2108.01073, section 3) and plain
/// text-to-image. Both sample with DDIM, from the noise that Imagic's samples start from.</summary>
public static class Baselines
{
    /// <summary>First of <paramref name="steps"/> denoising steps that an edit of this strength takes; all are left out at 0.</summary>
    public static int FirstStep(double strength, int steps) => steps - (int)Math.Round(strength * steps);

    /// <summary>Scaled latents (S + 1, C, h, w): of each strength, then of text-to-image.</summary>
    /// <param name="models">Their UNet gets the package's weights.</param>
    /// <param name="conditions">The source's latent, and the texts.</param>
    /// <param name="settings">Guidance, steps and seed.</param>
    /// <param name="strengths">S shares of the schedule that the source is noised up to, 0 … 1.</param>
    public static Tensor Sample(LoadedModels models, Conditions conditions, SamplingSettings settings, IReadOnlyList<double> strengths)
    {
        ArgumentNullException.ThrowIfNull(models);
        ArgumentNullException.ThrowIfNull(conditions);
        ArgumentNullException.ThrowIfNull(settings);
        ArgumentNullException.ThrowIfNull(strengths);
        models.ResetUNet();
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        var scheduler = models.CreateScheduler(SchedulerType.Ddim, settings.Steps);
        var steps = scheduler.Timesteps.Count;
        var noise = StepRandom.Noise(settings.Seeds[0], "sample", 0, conditions.Latents.shape, models.Device);
        int[] firsts = [.. strengths.Select(strength => FirstStep(strength, steps)), 0];
        Tensor[] samples = [.. firsts.SkipLast(1).Select(Noised), Sampler.Start(scheduler, noise).Sample];
        // Each joins the batch at its own step.
        int[] joins = [.. firsts.Append(steps).Distinct().Order()];
        foreach (var (from, to) in joins.Zip(joins.Skip(1)))
        {
            int[] active = [.. Enumerable.Range(0, samples.Length).Where(i => firsts[i] <= from)];
            var target = conditions.Target.Map(part => part.expand([active.Length, .. part.shape[1..]]));
            using var sampler = new Sampler(models.UNet, scheduler, target, conditions.Negative, settings.Guidance, conditions.TimeIds);
            var x = sampler.Run(new(cat([.. active.Select(i => samples[i])]), []), from, to);
            foreach (var (row, i) in active.Index()) samples[i] = x.Sample.narrow(0, row, 1);
        }
        return cat(samples).MoveToOuterDisposeScope();

        Tensor Noised(int first) => first == steps
            ? conditions.Latents
            : models.Schedule.AddNoise(
                conditions.Latents, noise, tensor([(long)scheduler.Timesteps[first]], dtype: ScalarType.Int64).to(models.Device));
    }
}

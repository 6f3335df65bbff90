using Imagic.Diffusion.Schedulers;
using Imagic.Editing;
using Imagic.Editing.Sample;
using static Imagic.Diffusion.Scalars;
using static TorchSharp.torch;

namespace Imagic.Lab.Parity;

/// <summary>A picture of the edit's text in another shape than the edit's, as the untuned model samples it with Euler.</summary>
internal sealed class NonSquareParity(ReferenceFolder reference, LoadedModels models) : IParityArea
{
    private const string AllLatents = "nonsq.all_latents";

    public IEnumerable<Quantity> Quantities()
    {
        var steps = new Lazy<Tensor>(Sample);
        return
        [
            new(AllLatents, Limits.Trace, () => steps.Value),
            new("nonsq.latents", Limits.Trace, () => steps.Value[^1]),
            new("nonsq.decoded", Limits.Trace, () => models.Vae.Decode(steps.Value[^1] / Held(models.Vae.Config.ScalingFactor))),
        ];
    }

    private Tensor Sample()
    {
        models.ResetUNet();
        var scheduler = models.CreateScheduler(SchedulerType.Euler, (int)reference.Shape(AllLatents)[0]);
        var noise = reference.Input("nonsq.latents0");
        var (target, negative) = models.EncodeTexts(reference.Manifest.TracePrompt, "");
        using var sampler = new Sampler(
            models.UNet, scheduler, target, negative, reference.HyperParameters.GuidanceScale, models.TimeIds(noise));
        List<Tensor> samples = [];
        sampler.Run(Sampler.Start(scheduler, noise), onStep: samples.Add);
        return stack(samples);
    }
}

using Imagic.Diffusion.Schedulers;
using static TorchSharp.torch;

namespace Imagic.Editing.Sample;

/// <summary>SDEdit: the source, noised up to the share η of the schedule, is denoised with the target text (arXiv 2108.01073, algorithm 1).</summary>
internal sealed class SdEditPass(LoadedModels models, BlendedWeights weights, IScheduler scheduler, SampleInputs inputs, SamplingSettings sample)
    : BasePass(weights, scheduler, inputs, sample.Guidance, models.Device)
{
    // A batch has one η.
    public override int First(ImageKey[] keys) => Steps - sample.StepsAt(keys[0].Strength.Eta);

    public override SchedulerStep Start(ImageKey[] keys)
    {
        var timestep = tensor([(long)Scheduler.Timesteps[First(keys)]], device: models.Device);
        return new(models.Schedule.AddNoise(Inputs.Conditions.Latents, Noise(keys), timestep), []);
    }

    protected override double TextStrength(ImageKey key) => 1;
}

/// <summary>DDIB's way there: from the source to its own noise, with the source text e_src alone (arXiv 2203.08382, algorithm 1).</summary>
internal sealed class InversionPass(BlendedWeights weights, IScheduler inverse, SampleInputs inputs, Device device)
    : BasePass(weights, inverse, inputs, guidance: 1, device)
{
    public override SchedulerStep Start(ImageKey[] keys) => new(Inputs.Conditions.Latents.clone(), []);

    protected override double TextStrength(ImageKey key) => 0;
}

/// <summary>DDIB's way back: from that noise, with the texts interpolated.</summary>
/// <param name="inverted">Gives what the way there has given, (1, C, h, w).</param>
internal sealed class BridgePass(BlendedWeights weights, IScheduler scheduler, SampleInputs inputs, double guidance, Device device, Func<Tensor> inverted)
    : BasePass(weights, scheduler, inputs, guidance, device)
{
    public override SchedulerStep Start(ImageKey[] keys) => new(inverted().repeat(keys.Length, 1, 1, 1), []);
}

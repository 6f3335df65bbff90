using Imagic.Diffusion.Schedulers;
using Imagic.Diffusion.UNet;
using Imagic.Editing;
using Imagic.Editing.Sample;
using static Imagic.Diffusion.Scalars;
using static TorchSharp.torch;

namespace Imagic.Lab.Parity;

/// <summary>Pictures generated from texts alone, as recorded for the models that ship with the program.</summary>
internal sealed class GenerationParity : IParityArea
{
    /// <summary>Name of x_T, the one tensor that is given.</summary>
    public const string StartingNoise = "latents0";

    private readonly ReferenceFolder _reference;
    private readonly LoadedModels _models;
    private readonly Lazy<IScheduler> _scheduler;
    private readonly Lazy<TextEmbedding> _text;
    private readonly Lazy<Tensor> _latents;

    public GenerationParity(ReferenceFolder reference, LoadedModels models)
    {
        (_reference, _models) = (reference, models);
        _scheduler = new(() => models.CreateScheduler(SchedulerType.Ddim, Numbers.SamplingSteps));
        _text = new(() => models.EncodeText([.. reference.Manifest.Prompts]));
        _latents = new(Generate);
    }

    private IReadOnlyList<string> Texts => _reference.Manifest.Prompts;

    private ReferenceHyperParameters Numbers => _reference.HyperParameters;

    private Tensor Noise => _reference.Input(StartingNoise);

    public IEnumerable<Quantity> Quantities() =>
    [
        new("ids", Limits.Exact, () => TokenizerParity.Ids(_models.Package, Texts)),
        new("null_ids", Limits.Exact, () => TokenizerParity.Ids(_models.Package, [.. Texts.Select(_ => "")])),
        new("text_states", Limits.Module, () => _text.Value.States),
        new("unet_out_step0", Limits.Module, FirstOutput),
        new("latents", Limits.Trace, () => _latents.Value),
        new("decoded", Limits.Trace, () => _models.Vae.Decode(_latents.Value / Held(_models.Vae.Config.ScalingFactor))),
    ];

    private Tensor FirstOutput()
    {
        var first = _scheduler.Value.Timesteps[0];
        var timesteps = full([Texts.Count], Held(first), dtype: ScalarType.Float32, device: _models.Device);
        return _models.UNet.Forward(Noise, timesteps, _text.Value);
    }

    private Tensor Generate()
    {
        using var sampler = new Sampler(_models.UNet, _scheduler.Value, _text.Value, _models.EncodeText(""), Numbers.GuidanceScale);
        return sampler.Run(Sampler.Start(_scheduler.Value, Noise)).Sample;
    }
}

using Imagic.Diffusion.Clip;
using Imagic.Diffusion.Schedulers;
using Imagic.Diffusion.UNet;
using Imagic.Diffusion.Vae;
using Imagic.Diffusion.Weights;
using TorchSharp;
using static Imagic.Diffusion.Scalars;
using static TorchSharp.torch;

namespace Imagic.Diffusion.Tests;

/// <summary>The models of the starter package together, from token ids to pictures, against a run of diffusers.</summary>
public sealed class GuidedSamplingTests
{
    private const int Steps = 25;
    private const double Guidance = 4;

    [Fact]
    public void TwentyFiveGuidedSteps_FromRecordedNoise_GiveThePicturesOfDiffusers()
    {
        var fixture = new Fixture("starter-64");
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        string Config(string component) => fixture.Path(component, "config.json");
        using var text = new ClipTextModel(ClipTextConfig.Read(Config("text_encoder")), Parameters());
        using var unet = new UNet2DConditionModel(UNet2DConditionConfig.Read(Config("unet")), Parameters());
        using var vae = new AutoencoderKL(AutoencoderKLConfig.Read(Config("vae")), Parameters());
        Bind(text.Parameters, fixture.Path("text_encoder", "model.safetensors"));
        Bind(unet.Parameters, fixture.Path("unet", "diffusion_pytorch_model.safetensors"));
        Bind(vae.Parameters, fixture.Path("vae", "diffusion_pytorch_model.safetensors"));
        var ddim = new DdimScheduler(
            SchedulerConfig.Read(fixture.Path("scheduler", "scheduler_config.json")), Steps);

        var states = text.Forward(cat([fixture.Recorded("null_ids"), fixture.Recorded("ids")]));
        var step = new SchedulerStep(fixture.Recorded("latents0") * Held(ddim.InitNoiseSigma), []);
        for (var i = 0; i < Steps; i++)
        {
            using var temporaries = NewDisposeScope();
            var input = ddim.ScaleModelInput(step.Sample, i);
            var estimates = unet.Forward(cat([input, input]), full(8, Held(ddim.Timesteps[i])), new TextEmbedding(states)).chunk(2);
            var guided = estimates[0].add((estimates[1] - estimates[0]) * Held(Guidance), One);
            step = ddim.Step(guided, i, step.Sample, step.History);
            step.Sample.MoveToOuterDisposeScope();
        }

        Relative.Close(fixture.Recorded("latents"), step.Sample, 1e-5, "latents after 25 steps");
        var decoded = vae.Decode(step.Sample / Held(vae.Config.ScalingFactor));
        Relative.Close(fixture.Recorded("decoded"), decoded, 1e-5, "decoded");
    }

    private static ParameterSet Parameters() => new(ScalarType.Float32, CPU);

    private static void Bind(ParameterSet parameters, string path)
    {
        using var file = SafetensorsFile.Open(path);
        parameters.Bind(new SafetensorsSource([file]));
    }
}

using Imagic.Diffusion.Vae;
using Imagic.Diffusion.Weights;
using static Imagic.Diffusion.Scalars;
using static TorchSharp.torch;

namespace Imagic.Diffusion.Tests.Vae;

public sealed class AutoencoderKLTests
{
    [Theory]
    [InlineData("sd1-micro")]
    [InlineData("sd2-micro")]
    [InlineData("sdxl-micro")]
    public void Encode_RecordedPicture_GivesTheMomentsOfDiffusers(string name)
    {
        var fixture = new Fixture(name);
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        using var vae = Load(fixture);

        var (mean, logVar) = vae.Encode(fixture.Recorded("vae.image"));

        Relative.Close(fixture.Recorded("vae.mean"), mean, 1e-5, "vae.mean");
        Relative.Close(fixture.Recorded("vae.logvar"), logVar, 1e-5, "vae.logvar");
    }

    [Theory]
    [InlineData("sd1-micro")]
    [InlineData("sd2-micro")]
    [InlineData("sdxl-micro")]
    public void Decode_RecordedLatents_GivesThePictureOfDiffusers(string name)
    {
        var fixture = new Fixture(name);
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        using var vae = Load(fixture);

        var decoded = vae.Decode(fixture.Recorded("vae.latent_in"));

        Relative.Close(fixture.Recorded("vae.decoded"), decoded, 1e-5, "vae.decoded");
    }

    [Fact]
    public void Decode_HalfPrecisionWeightsOfTheStarterModel_GivesThePictureOfDiffusers()
    {
        var fixture = new Fixture("starter-64");
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        using var vae = Load(fixture);

        var decoded = vae.Decode(fixture.Recorded("latents") / Held(vae.Config.ScalingFactor));

        Relative.Close(fixture.Recorded("decoded"), decoded, 1e-5, "decoded");
    }

    [Fact]
    public void Encode_GradientsOn_GivesTheSameAsWithout()
    {
        var fixture = new Fixture("sd1-micro");
        using var scope = NewDisposeScope();
        using var vae = Load(fixture);
        vae.Parameters.TrackGradients();

        var (mean, logVar) = vae.Encode(fixture.Recorded("vae.image"));
        var decoded = vae.Decode(fixture.Recorded("vae.latent_in"));

        Relative.Close(fixture.Recorded("vae.mean"), mean, 1e-5, "vae.mean");
        Relative.Close(fixture.Recorded("vae.logvar"), logVar, 1e-5, "vae.logvar");
        Relative.Close(fixture.Recorded("vae.decoded"), decoded, 1e-5, "vae.decoded");
    }

    [Theory]
    [InlineData(33, 32)]
    [InlineData(32, 31)]
    public void Encode_SizeIsNoMultipleOfTheFactor_SaysSo(long height, long width)
    {
        using var scope = NewDisposeScope();
        using var vae = Load(new Fixture("sd1-micro"));

        var error = Assert.Throws<ArgumentException>(() => vae.Encode(zeros(1, 3, height, width)));

        Assert.Contains($"{width}×{height}, expected multiples of 2", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Encode_And_Decode_LeaveNothingBehindButTheirResults()
    {
        var fixture = new Fixture("sd1-micro");
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        using var vae = Load(fixture);
        var (image, latents) = (fixture.Recorded("vae.image"), fixture.Recorded("vae.latent_in"));
        var before = scope.DisposablesCount;

        vae.Encode(image);
        vae.Decode(latents);

        Assert.Equal(before + 3, scope.DisposablesCount);
    }

    private static AutoencoderKL Load(Fixture fixture)
    {
        var config = AutoencoderKLConfig.Read(fixture.Path("vae", "config.json"));
        var vae = new AutoencoderKL(config, new ParameterSet(ScalarType.Float32, CPU));
        using var file = SafetensorsFile.Open(fixture.Path("vae", "diffusion_pytorch_model.safetensors"));
        vae.Parameters.Bind(new SafetensorsSource([file], WeightKeys.Vae));
        return vae;
    }
}

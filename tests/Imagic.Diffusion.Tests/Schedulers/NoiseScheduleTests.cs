using Imagic.Diffusion.Schedulers;
using static TorchSharp.torch;

namespace Imagic.Diffusion.Tests.Schedulers;

public sealed class NoiseScheduleTests
{
    [Theory]
    [InlineData("sd1-micro")]
    [InlineData("sd2-micro")]
    public void AlphasCumprod_IsThatOfDiffusers(string name)
    {
        var fixture = new Fixture(name);
        using var scope = NewDisposeScope();
        using var schedule = Load(fixture);

        Relative.Same(fixture.Recorded("sched.alphas_cumprod").data<float>().ToArray(), schedule.AlphasCumprod);
    }

    [Theory]
    [InlineData("sd1-micro", PredictionType.Epsilon)]
    [InlineData("sd2-micro", PredictionType.VPrediction)]
    public void AddNoise_Velocity_And_Target_GiveTheSamplesOfDiffusers(string name, PredictionType predictionType)
    {
        var fixture = new Fixture(name);
        using var scope = NewDisposeScope();
        using var schedule = Load(fixture);
        var (x0, noise) = (fixture.Recorded("sched.addnoise.x0"), fixture.Recorded("sched.addnoise.noise"));
        var timesteps = fixture.Recorded("sched.addnoise.timesteps");
        var velocity = fixture.Recorded("sched.addnoise.velocity");

        var noisy = schedule.AddNoise(x0, noise, timesteps);
        Relative.Close(fixture.Recorded("sched.addnoise.out"), noisy, 1e-6, "addnoise.out");
        Relative.Close(velocity, schedule.Velocity(x0, noise, timesteps), 1e-6, "addnoise.velocity");
        Assert.Equal(predictionType, schedule.PredictionType);
        var target = predictionType == PredictionType.Epsilon ? noise : velocity;
        Relative.Close(target, schedule.Target(x0, noise, timesteps), 1e-6, "target");
    }

    [Fact]
    public void AlphasCumprod_Linear_IsTheProductOfItsBetas()
    {
        using var schedule = new NoiseSchedule(new SchedulerConfig(), CPU);

        var product = 1.0;
        for (var t = 0; t < 1000; t++)
        {
            product *= 1 - (0.0001 + t * (0.02 - 0.0001) / 999);
            Assert.Equal(product, schedule.AlphasCumprod[t], 1e-6);
        }
    }

    [Fact]
    public void AlphasCumprod_SquaredCosine_FollowsIt()
    {
        using var schedule = new NoiseSchedule(new SchedulerConfig { BetaSchedule = BetaSchedule.SquaredCosine }, CPU);

        foreach (var t in new[] { 0, 100, 500, 900, 990 })
        {
            var expected = Squared((t + 1) / 1000.0) / Squared(0);
            Assert.Equal(expected, schedule.AlphasCumprod[t], 1e-6);
        }

        static double Squared(double x) => Math.Pow(Math.Cos((x + 0.008) / 1.008 * Math.PI / 2), 2);
    }

    [Fact]
    public void AlphasCumprod_TrainedBetas_IsTheProductOfThose()
    {
        var config = new SchedulerConfig { NumTrainTimesteps = 3, TrainedBetas = [0.5f, 0.25f, 0.5f] };
        using var schedule = new NoiseSchedule(config, CPU);

        Assert.Equal([0.5f, 0.375f, 0.1875f], schedule.AlphasCumprod);
    }

    [Fact]
    public void AlphasCumprod_ZeroSnr_EndsInZeroAndStartsWhereItDid()
    {
        var config = new SchedulerConfig(BetaSchedule: BetaSchedule.ScaledLinear, BetaStart: 0.00085, BetaEnd: 0.012);
        using var plain = new NoiseSchedule(config, CPU);
        using var rescaled = new NoiseSchedule(config with { RescaleBetasZeroSnr = true }, CPU);

        Assert.Equal(0, rescaled.AlphasCumprod[^1]);
        Assert.Equal(plain.AlphasCumprod[0], rescaled.AlphasCumprod[0], 1e-6f);
        var (last, first) = (Math.Sqrt(plain.AlphasCumprod[^1]), Math.Sqrt(plain.AlphasCumprod[0]));
        var middle = (Math.Sqrt(plain.AlphasCumprod[500]) - last) * first / (first - last); // 2305.08891, algorithm 1
        Assert.Equal(middle * middle, rescaled.AlphasCumprod[500], 1e-6);
    }

    private static NoiseSchedule Load(Fixture fixture) =>
        new(SchedulerConfig.Read(fixture.Path("scheduler", "scheduler_config.json")), CPU);
}

using Imagic.Diffusion.Schedulers;
using TorchSharp;
using static Imagic.Diffusion.Scalars;
using static TorchSharp.torch;

namespace Imagic.Diffusion.Tests.Schedulers;

/// <summary>Every scheduler against runs of diffusers with made-up model outputs.</summary>
public sealed class SchedulerTests
{
    private const int Steps = 10;

    /// <summary>Fixture, recorded run, scheduler, η, spacing where the run was not made with the default one.</summary>
    public static TheoryData<string, string, string, double, TimestepSpacing?> Runs
    {
        get
        {
            var runs = new TheoryData<string, string, string, double, TimestepSpacing?>();
            foreach (var fixture in new[] { "sd1-micro", "sd2-micro" })
            {
                runs.Add(fixture, "ddim", Scheduler.Ddim, 0, null);
                runs.Add(fixture, "ddim_eta1", Scheduler.Ddim, 1, null);
                runs.Add(fixture, "euler", Scheduler.Euler, 0, null);
                runs.Add(fixture, "euler_leading", Scheduler.Euler, 0, TimestepSpacing.Leading);
                runs.Add(fixture, "dpmpp2m", Scheduler.DpmSolverMultistep, 0, null);
                runs.Add(fixture, "dpmpp2m_leading", Scheduler.DpmSolverMultistep, 0, TimestepSpacing.Leading);
                runs.Add(fixture, "pndm", Scheduler.Pndm, 0, null);
            }

            return runs;
        }
    }

    [Theory]
    [MemberData(nameof(Runs))]
    public void Create_TenAndFiftySteps_VisitsTheTimestepsOfDiffusers(
        string name, string run, string kind, double eta, TimestepSpacing? spacing)
    {
        var fixture = new Fixture(name);
        using var scope = NewDisposeScope();
        var config = Config(fixture, spacing);
        var scheduler = Scheduler.Create(kind, config, Steps, eta);

        Assert.Equal(Floats(fixture.Recorded($"sched.{run}.timesteps")), scheduler.Timesteps);
        Assert.Equal(
            Floats(fixture.Recorded($"sched.{run}.timesteps50")), Scheduler.Create(kind, config, 50, eta).Timesteps);
        Relative.Same(Floats(fixture.Recorded($"sched.{run}.init_noise_sigma")), [scheduler.InitNoiseSigma]);
        if (scheduler is not EulerScheduler euler) return;
        Relative.Same(Floats(fixture.Recorded($"sched.{run}.sigmas")), euler.Sigmas);
    }

    [Theory]
    [MemberData(nameof(Runs))]
    public void Step_RecordedModelOutputs_GivesTheSamplesOfDiffusers(
        string name, string run, string kind, double eta, TimestepSpacing? spacing)
    {
        var fixture = new Fixture(name);
        using var scope = NewDisposeScope();
        var scheduler = Scheduler.Create(kind, Config(fixture, spacing), Steps, eta);
        var (outputs, noise) = (fixture.Recorded("sched.model_output"), fixture.Recorded("sched.variance_noise"));
        var expected = fixture.Recorded($"sched.{run}.prev_samples");
        var scaled = scheduler is EulerScheduler ? fixture.Recorded($"sched.{run}.scaled_inputs") : null;
        Assert.Equal(expected.shape[0], scheduler.Timesteps.Count);

        var step = new SchedulerStep(fixture.Recorded("sched.sample0") * Held(scheduler.InitNoiseSigma), []);
        for (var i = 0; i < scheduler.Timesteps.Count; i++)
        {
            var input = scheduler.ScaleModelInput(step.Sample, i);
            Relative.Close(scaled?[i] ?? step.Sample, input, 1e-5, $"{run}.scaled_inputs[{i}]");
            step = scheduler.Step(outputs[i], i, step.Sample, step.History, eta > 0 ? noise[i] : null);
            Relative.Close(expected[i], step.Sample, 1e-5, $"{run}.prev_samples[{i}]");
        }
    }

    [Theory]
    [MemberData(nameof(Runs))]
    public void Step_WhatItGives_OutlivesWhatItWasGiven(
        string name, string run, string kind, double eta, TimestepSpacing? spacing)
    {
        var fixture = new Fixture(name);
        using var scope = NewDisposeScope();
        var scheduler = Scheduler.Create(kind, Config(fixture, spacing), Steps, eta);
        var (outputs, noise) = (fixture.Recorded("sched.model_output"), fixture.Recorded("sched.variance_noise"));
        var last = fixture.Recorded($"sched.{run}.prev_samples")[-1];
        var sample = fixture.Recorded("sched.sample0") * Held(scheduler.InitNoiseSigma);
        IReadOnlyList<Tensor> history = [];
        var before = scope.DisposablesCount;

        for (var i = 0; i < scheduler.Timesteps.Count; i++)
        {
            using var output = outputs[i].clone();
            using var fresh = noise[Math.Min(i, Steps - 1)].clone();
            using var input = scheduler.ScaleModelInput(sample, i);
            var step = scheduler.Step(output, i, sample, history, eta > 0 ? fresh : null);
            sample.Dispose();
            foreach (var tensor in history) tensor.Dispose();
            (sample, history) = step;
        }

        Relative.Close(last, sample, 1e-5, "last sample");
        foreach (var tensor in history) tensor.Dispose();
    }

    // Backwards through diffusers' own run, with what the model said at each step of it.
    [Fact]
    public void Inverse_OfARecordedRun_GoesBackToWhereItBegan()
    {
        var fixture = new Fixture("sd1-micro");
        using var scope = NewDisposeScope();
        var config = Config(fixture, null);
        var inverse = new DdimInverseScheduler(config, Steps);
        var (outputs, samples) = (fixture.Recorded("sched.model_output"), fixture.Recorded("sched.ddim.prev_samples"));
        Assert.Equal(new DdimScheduler(config, Steps).Timesteps.Reverse(), inverse.Timesteps);

        var step = new SchedulerStep(samples[-1], []);
        for (var i = 0; i < Steps; i++)
        {
            step = inverse.Step(outputs[Steps - 1 - i], i, inverse.ScaleModelInput(step.Sample, i), step.History);
            Relative.Close(i + 1 < Steps ? samples[Steps - 2 - i] : fixture.Recorded("sched.sample0"), step.Sample, 1e-5, $"sample before step {Steps - 1 - i}");
        }
    }

    // x = αx₀ + σε at every level, for either thing that a model may be trained to say.
    [Theory]
    [InlineData(PredictionType.Epsilon)]
    [InlineData(PredictionType.VPrediction)]
    public void Inverse_OfAModelThatKnowsPictureAndNoise_EndsInItsMixture(PredictionType prediction)
    {
        using var scope = NewDisposeScope();
        var config = new SchedulerConfig { PredictionType = prediction, ClipSample = false, SetAlphaToOne = true };
        var inverse = new DdimInverseScheduler(config, Steps);
        using var schedule = new NoiseSchedule(config, CPU);
        Tensor picture = rand([1, 4, 3, 3]), noise = randn([1, 4, 3, 3]);

        var x = picture;
        for (var i = 0; i < Steps; i++)
        {
            // What is said of the level that the sample is at.
            var (alpha, sigma) = i == 0 ? (1, 0) : Levels((int)inverse.Timesteps[i - 1]);
            var said = prediction == PredictionType.Epsilon ? noise : (noise * Held(alpha)).sub(picture * Held(sigma));
            x = inverse.Step(said, i, x, []).Sample;
            Relative.Close(schedule.AddNoise(picture, noise, tensor([(long)inverse.Timesteps[i]])), x, 1e-4, $"step {i}");
        }

        (double Alpha, double Sigma) Levels(int timestep) => (Math.Sqrt(schedule.AlphasCumprod[timestep]), Math.Sqrt(1 - schedule.AlphasCumprod[timestep]));
    }

    [Fact]
    public void Step_EtaWithoutNoise_SaysSo()
    {
        using var scope = NewDisposeScope();
        var ddim = new DdimScheduler(new SchedulerConfig(), Steps, eta: 1);

        Assert.Throws<ArgumentNullException>("noise", () => ddim.Step(zeros(1, 4, 2, 2), 0, zeros(1, 4, 2, 2), []));
    }

    [Fact]
    public void Step_ClipSample_BoundsTheCleanSample()
    {
        using var scope = NewDisposeScope();
        var config = new SchedulerConfig { ClipSampleRange = 0.25, SetAlphaToOne = true };
        var ddim = new DdimScheduler(config, steps: 1); // the only step goes to ᾱ = 1: to the clean sample itself

        var clean = ddim.Step(zeros(1, 1, 1, 2), 0, tensor(new[] { -3f, 0.1f }, [1, 1, 1, 2]), []).Sample;

        Assert.Equal(-0.25f, clean[0, 0, 0, 0].item<float>());
        Assert.Equal(0.1f, clean[0, 0, 0, 1].item<float>(), 1e-4f);
    }

    /// <summary>
    /// With the velocity of one picture and one noise at every step, a solver must stay on αx₀ + σε and end in the
    /// picture, whatever its order. Euler and DPM-Solver++ start at σ = 2¹², not at infinity: hence the tolerance.
    /// </summary>
    [Theory]
    [InlineData(Scheduler.Ddim, TimestepSpacing.Trailing)]
    [InlineData(Scheduler.Euler, TimestepSpacing.Trailing)]
    [InlineData(Scheduler.DpmSolverMultistep, TimestepSpacing.Trailing)]
    [InlineData(Scheduler.DpmSolverMultistep, TimestepSpacing.Linspace)]
    public void Step_ExactVelocity_EndsInThePictureEvenFromZeroSignal(string kind, TimestepSpacing spacing)
    {
        using var scope = NewDisposeScope();
        var config = new SchedulerConfig
        {
            BetaSchedule = BetaSchedule.ScaledLinear, BetaStart = 0.00085, BetaEnd = 0.012, ClipSample = false,
            PredictionType = PredictionType.VPrediction, RescaleBetasZeroSnr = true, TimestepSpacing = spacing,
            SetAlphaToOne = true,
        };
        using var schedule = new NoiseSchedule(config, CPU);
        var picture = tensor(new[] { 0.5f, -1, 0.25f, 2 }, [1, 1, 2, 2]);
        var noise = tensor(new[] { 1f, -0.5f, 0, 0.3f }, [1, 1, 2, 2]);
        var scheduler = Scheduler.Create(kind, config, steps: 8);
        var step = new SchedulerStep(noise * Held(scheduler.InitNoiseSigma), []);

        for (var i = 0; i < scheduler.Timesteps.Count; i++)
        {
            var velocity = schedule.Velocity(picture, noise, tensor(new[] { (long)scheduler.Timesteps[i] }));
            step = scheduler.Step(velocity, i, step.Sample, step.History);
        }

        Relative.Close(picture, step.Sample, 1e-3, "picture");
    }

    [Theory]
    [InlineData(Scheduler.Ddim)]
    [InlineData(Scheduler.Euler)]
    [InlineData(Scheduler.DpmSolverMultistep)]
    [InlineData(Scheduler.Pndm)]
    public void Create_AnyNumberOfSteps_GivesFallingTimestepsWithinTraining(string kind)
    {
        foreach (var spacing in Enum.GetValues<TimestepSpacing>())
        {
            foreach (var steps in new[] { 1, 2, 3, 7, 25, 333, 998 })
            {
                var config = new SchedulerConfig { TimestepSpacing = spacing };
                var timesteps = Scheduler.Create(kind, config, steps).Timesteps;

                Assert.Equal(kind == Scheduler.Pndm && steps > 1 ? steps + 1 : steps, timesteps.Count);
                Assert.All(timesteps, t => Assert.InRange(t, 0, 999));
                Assert.All(timesteps.Zip(timesteps.Skip(1)), pair => Assert.True(pair.First >= pair.Second));
            }
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(1001)]
    [InlineData(1000)] // leading, with an offset of 1: would start at timestep 1000
    public void Create_NoRoomForTheSteps_SaysSo(int steps)
    {
        var config = new SchedulerConfig { StepsOffset = 1, TimestepSpacing = TimestepSpacing.Leading };

        foreach (var kind in (string[])[Scheduler.Ddim, Scheduler.Euler, Scheduler.DpmSolverMultistep, Scheduler.Pndm])
        {
            Assert.Throws<ArgumentOutOfRangeException>(() => Scheduler.Create(kind, config, steps));
        }
    }

    // diffusers' PNDM knows no such key; the others' samples have to stay numbers, at least.
    [Theory]
    [InlineData(Scheduler.Ddim)]
    [InlineData(Scheduler.Euler)]
    [InlineData(Scheduler.DpmSolverMultistep)]
    [InlineData(Scheduler.Pndm)]
    public void Step_OfASchedulePureNoiseAtTheEnd_StaysFinite(string kind)
    {
        var fixture = new Fixture("sd2-micro");
        using var scope = NewDisposeScope();
        var plain = Config(fixture, TimestepSpacing.Trailing);
        var rescaled = plain with { RescaleBetasZeroSnr = true };

        Assert.All(Run(rescaled), value => Assert.True(float.IsFinite(value)));
        Assert.Equal(kind == Scheduler.Pndm, Run(plain).SequenceEqual(Run(rescaled)));

        float[] Run(SchedulerConfig config)
        {
            var scheduler = Scheduler.Create(kind, config, Steps);
            var output = fixture.Recorded("sched.model_output").to(ScalarType.Float32);
            output = output.dim() == 5 ? output[0] : output;
            var (sample, history) = (output * Held(scheduler.InitNoiseSigma), (IReadOnlyList<Tensor>)[]);
            for (var i = 0; i < scheduler.Timesteps.Count; i++) (sample, history) = scheduler.Step(output, i, sample, history);
            return Floats(sample);
        }
    }

    [Fact]
    public void Create_EtaForASchedulerWithoutNoise_SaysSo() =>
        Assert.Throws<ArgumentOutOfRangeException>(
            "eta", () => Scheduler.Create(Scheduler.Euler, new SchedulerConfig(), Steps, eta: 0.5));

    private static SchedulerConfig Config(Fixture fixture, TimestepSpacing? spacing)
    {
        var config = SchedulerConfig.Read(fixture.Path("scheduler", "scheduler_config.json"));
        return spacing is null ? config : config with { TimestepSpacing = spacing };
    }

    private static float[] Floats(Tensor tensor) => tensor.to(ScalarType.Float32).data<float>().ToArray();
}

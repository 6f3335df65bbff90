using System.Text.Json;
using Imagic.Diffusion.Schedulers;
using Imagic.Diffusion.Weights;

namespace Imagic.Diffusion.Tests.Schedulers;

public sealed class SchedulerConfigTests
{
    [Fact]
    public void Read_EmptyObject_HasTheDefaultsOfDiffusers()
    {
        var config = Read("{}");

        Assert.Equal(1000, config.NumTrainTimesteps);
        Assert.Equal((0.0001, 0.02, BetaSchedule.Linear), (config.BetaStart, config.BetaEnd, config.BetaSchedule));
        Assert.Equal((PredictionType.Epsilon, 0), (config.PredictionType, config.StepsOffset));
        Assert.Equal((true, 1.0), (config.ClipSample, config.ClipSampleRange));
        Assert.Null(config.TimestepSpacing);
        Assert.Null(config.SetAlphaToOne);
        Assert.Null(config.TrainedBetas);
        Assert.False(config.RescaleBetasZeroSnr);
    }

    [Fact]
    public void Read_StarterModel_IsWhatItsFileSays()
    {
        var config = SchedulerConfig.Read(new Fixture("starter-64").Path("scheduler", "scheduler_config.json"));

        Assert.Equal(BetaSchedule.ScaledLinear, config.BetaSchedule);
        Assert.Equal((0.00085, 0.012, 1), (config.BetaStart, config.BetaEnd, config.StepsOffset));
        Assert.Equal(TimestepSpacing.Leading, config.TimestepSpacing);
        Assert.False(config.ClipSample);
        Assert.False(config.SetAlphaToOne);
    }

    [Theory]
    [InlineData("""{ "beta_schedule": "sigmoid" }""", "beta_schedule is \"sigmoid\"; supported is \"linear\" or \"scaled_linear\" or \"squaredcos_cap_v2\".")]
    [InlineData("""{ "prediction_type": "sample" }""", "prediction_type is \"sample\"; supported is \"epsilon\" or \"v_prediction\".")]
    [InlineData("""{ "variance_type": "learned" }""", "variance_type is \"learned\"; supported is \"fixed_small\" or \"fixed_large\" or \"learned_range\".")]
    [InlineData("""{ "sample_max_value": 0.5 }""", "sample_max_value is 0.5, expected at least 1")]
    [InlineData("""{ "timestep_spacing": "log" }""", "timestep_spacing is \"log\"; supported is \"linspace\" or \"leading\" or \"trailing\".")]
    [InlineData("""{ "trained_betas": [0.1, 0.2] }""", "trained_betas has 2 entries, expected num_train_timesteps, 1000.")]
    [InlineData("""{ "beta_end": 1.5 }""", "beta_end is 1.5, expected between 0 and 1.")]
    [InlineData("""{ "num_train_timesteps": 0 }""", "num_train_timesteps is 0, expected 1 to 100000.")]
    [InlineData("""{ "rescale_betas_zero_snr": true }""", "rescale_betas_zero_snr needs prediction_type v_prediction")]
    public void Read_UnsupportedValue_NamesFileKeyAndValue(string json, string problem)
    {
        var error = Assert.Throws<ModelPackageException>(() => Read(json));

        Assert.Contains(problem, error.Message, StringComparison.Ordinal);
        Assert.EndsWith("scheduler_config.json", error.File, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(Scheduler.Euler, """{ "use_karras_sigmas": true }""", "use_karras_sigmas is true; supported is false or null.")]
    [InlineData(Scheduler.DpmSolverMultistep, """{ "algorithm_type": "sde-dpmsolver++" }""", "algorithm_type is \"sde-dpmsolver++\"; supported is \"dpmsolver++\".")]
    [InlineData(Scheduler.DpmSolverMultistep, """{ "solver_order": 3 }""", "solver_order is 3; supported is 2.")]
    [InlineData(Scheduler.Pndm, """{ "skip_prk_steps": false }""", "skip_prk_steps is false; supported is true.")]
    public void Create_FileAsksForAnotherVariantOfThatScheduler_NamesFileKeyAndValue(
        string kind, string json, string problem)
    {
        var config = Read(json);

        Assert.Equal(10, new DdimScheduler(config, 10).Timesteps.Count); // which does not read the key
        var error = Assert.Throws<ModelPackageException>(() => Scheduler.Create(kind, config, 10));
        Assert.Contains(problem, error.Message, StringComparison.Ordinal);
    }

    /// <summary>What diffusers made of each file for each scheduler is recorded beside the fixtures.</summary>
    [Theory]
    [InlineData("sd1-micro")]
    [InlineData("sd2-micro")]
    public void Read_ResolvedConfigs_SayTheSameAsTheFile(string name)
    {
        var fixture = new Fixture(name);
        var file = SchedulerConfig.Read(fixture.Path("scheduler", "scheduler_config.json"));
        using var json = JsonDocument.Parse(File.ReadAllText(fixture.Path("expected.json")));

        foreach (var run in json.RootElement.GetProperty("resolved_scheduler_configs").EnumerateObject())
        {
            var resolved = Read(run.Value.GetRawText());
            Assert.Equal(
                file with { TrainedBetas = null, TimestepSpacing = null },
                resolved with { TrainedBetas = null, TimestepSpacing = null, File = file.File, Content = file.Content });
            var kind = run.Name.Split('_')[0] switch
            {
                "ddim" => Scheduler.Ddim,
                "euler" => Scheduler.Euler,
                "dpmpp2m" => Scheduler.DpmSolverMultistep,
                _ => Scheduler.Pndm,
            };
            var spaced = run.Name.EndsWith("leading", StringComparison.Ordinal)
                ? file with { TimestepSpacing = TimestepSpacing.Leading }
                : file;
            Assert.Equal(Scheduler.Create(kind, resolved, 20).Timesteps, Scheduler.Create(kind, spaced, 20).Timesteps);
        }
    }

    private static SchedulerConfig Read(string json)
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder.Path("scheduler_config.json"), json);
        return SchedulerConfig.Read(folder.Path("scheduler_config.json"));
    }
}

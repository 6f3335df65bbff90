using Imagic.Contracts.Settings;

namespace Imagic.Contracts.Tests.Settings;

public class EditSettingsTests
{
    public static TheoryData<string> Profiles => [.. EditProfile.All.Keys];

    [Theory]
    [MemberData(nameof(Profiles))]
    public void Validate_OfEveryProfile_Passes(string profile) => EditProfile.All[profile].For("a dog").Validate();

    [Theory]
    [InlineData("paper-sd", 1000, 2e-3, 1500, 5e-7)]
    [InlineData("community", 500, 1e-3, 1000, 2e-6)]
    [InlineData("sdxl", 500, 1e-4, 500, 5e-5)]
    [InlineData("sdxl-lora", 500, 1e-4, 500, 1e-4)]
    public void Profile_HoldsThePublishedNumbers(string name, int optimize, double optimizeRate, int fineTune, double fineTuneRate)
    {
        var profile = EditProfile.All[name];

        Assert.Equal((optimize, optimizeRate), (profile.Optimize.Steps, profile.Optimize.LearningRate));
        Assert.Equal((fineTune, fineTuneRate), (profile.FineTune.Steps, profile.FineTune.LearningRate));
    }

    [Fact]
    public void EtasWithSource_AlwaysHoldsZeroOnce()
    {
        var settings = EditProfile.All["community"].For("a dog");

        Assert.Equal([0, 0.8, 0.9, 1.0, 1.1, 1.2], settings.EtasWithSource());
        Assert.Single((settings with { Sample = settings.Sample with { Etas = [0, 0, 1] } }).EtasWithSource(), 0.0);
    }

    public static TheoryData<string, EditSettings> Invalid
    {
        get
        {
            var good = EditProfile.All["community"].For("a dog");
            return new()
            {
                { "target text", good with { TargetText = "  " } },
                { "target text", good with { TargetText = "\u200B\u200D\uFEFF\u2060\u00AD" } },
                { "target text", good with { TargetText = "\u3164" } },
                { "optimize steps", good with { Optimize = new(-1, 1e-3) } },
                { "finetune learning rate", good with { FineTune = new(10, 0) } },
                { "finetune batch", good with { FineTune = new(10, 1e-3) { Batch = 0 } } },
                { "seeds", good with { Sample = good.Sample with { Seeds = [] } } },
                { "seeds", good with { Sample = good.Sample with { Seeds = [.. Enumerable.Repeat(1L, 257)] } } },
                { "eta values", good with { Sample = good.Sample with { Etas = [.. Enumerable.Repeat(1.0, 257)] } } },
                { "blends", good with { Sample = good.Sample with { Blends = [.. Enumerable.Repeat(1.0, 257)] } } },
                { "latent", good with { Latent = (LatentMode)7 } },
                { "scheduler", good with { Sample = good.Sample with { Scheduler = (SchedulerType)7 } } },
                { "eta", good with { Sample = good.Sample with { Etas = [double.NaN] } } },
                { "guidance", good with { Sample = good.Sample with { Guidance = -1 } } },
                { "sampling steps", good with { Sample = good.Sample with { Steps = 0 } } },
                { "suggested strength", good with { Suggested = new(0.123, 1) } },
                { "optimize early-stop window", good with { Optimize = new(10, 1e-3) { EarlyStop = new(0, 0.1) } } },
                { "finetune early-stop improvement", good with { FineTune = new(10, 1e-3) { EarlyStop = new(50, double.NaN) } } },
            };
        }
    }

    [Theory]
    [MemberData(nameof(Invalid))]
    public void Validate_OfANumberOutOfRange_NamesTheSetting(string setting, EditSettings settings)
    {
        var exception = Assert.Throws<EditSettingsException>(settings.Validate);

        Assert.Equal(setting, exception.Setting);
        Assert.Contains(setting, exception.Message, StringComparison.Ordinal);
    }
}

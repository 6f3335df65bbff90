using System.Text.Json;
using Imagic.Contracts.Settings;

namespace Imagic.Contracts.Tests.Settings;

public class EditOverridesTests
{
    [Fact]
    public void Resolve_OfNothing_IsTheProfileItself()
    {
        var settings = new EditOverrides { Profile = "community" }.Resolve("a dog", "any");
        var profile = EditProfile.All["community"].For("a dog");

        Assert.Equal(profile.Sample.Etas, settings.Sample.Etas);
        Assert.Equal(profile with { Sample = settings.Sample }, settings);
    }

    [Fact]
    public void Resolve_OfEverything_TakesEveryNumber()
    {
        var settings = new EditOverrides
        {
            Profile = "paper-sd",
            NegativeText = "blurry",
            Seed = -7,
            Latent = LatentMode.Mean,
            Optimize = new() { Steps = 11, LearningRate = 0.25, Batch = 2, EarlyStop = 0.5 },
            FineTune = new() { Steps = 12, LearningRate = 0.125, Batch = 3, EarlyStop = 0, Accumulate = 3, Tuning = Tuning.Lora, Rank = 6, Optimizer = Optimizer.AdamW8Bit },
            Etas = [0.25, 0.5],
            Blends = [0.75],
            Seeds = [long.MaxValue],
            Guidance = 3,
            Steps = 9,
            Scheduler = SchedulerType.Euler,
            SampleBatch = 4,
        }.Resolve("a dog", "any");

        Assert.Equal(("paper-sd", "blurry", -7, LatentMode.Mean), (settings.Profile, settings.NegativeText, settings.Seed, settings.Latent));
        Assert.Equal(new DescentSettings(11, 0.25) { Batch = 2, EarlyStop = new(50, 0.5) }, settings.Optimize);
        Assert.Equal(
            new FineTuneSettings(12, 0.125) { Batch = 3, EarlyStop = new(50, 0), Accumulate = 3, Tuning = Tuning.Lora, Rank = 6, Optimizer = Optimizer.AdamW8Bit },
            settings.FineTune);
        Assert.Equal([0, 0.25, 0.5], settings.EtasWithSource());
        Assert.Equal([0.75], settings.Sample.Blends);
        Assert.Equal([long.MaxValue], settings.Sample.Seeds);
        Assert.Equal(
            (3.0, 9, SchedulerType.Euler, 4),
            (settings.Sample.Guidance, settings.Sample.Steps, settings.Sample.Scheduler, settings.Sample.Batch));
        Assert.Equal(new(0.5, 0.75), settings.Suggested);
    }

    [Theory]
    [InlineData("community", Tuning.Lora, null, 4)]
    [InlineData("sdxl-lora", null, null, 4)]
    [InlineData("sdxl-lora", null, 9, 9)]
    [InlineData("sdxl-lora", Tuning.Full, null, null)]
    public void Resolve_OfATuning_TakesTheRankThatItHas(string profile, Tuning? tuning, int? rank, int? expected)
    {
        var settings = new EditOverrides { Profile = profile, FineTune = new() { Tuning = tuning, Rank = rank } }.Resolve("a dog", "any");

        Assert.Equal((tuning ?? Tuning.Lora, expected), (settings.FineTune.Tuning, settings.FineTune.Rank));
    }

    [Theory]
    [InlineData(null, null, 10, 5)]
    [InlineData(4, null, 4, 4)]
    [InlineData(20, null, 20, 5)]
    [InlineData(null, 1, 10, null)]
    [InlineData(6, 3, 6, 3)]
    public void Resolve_OfABatch_KeepsItsPartsEqual(int? batch, int? accumulate, int expectedBatch, int? expected)
    {
        var overrides = new EditOverrides { Profile = "sdxl", FineTune = new() { Batch = batch, Accumulate = accumulate } };

        var settings = overrides.Resolve("a dog", "any").FineTune;

        Assert.Equal((expectedBatch, expected), (settings.Batch, settings.Accumulate));
    }

    [Fact]
    public void Resolve_OfSuperResolution_TakesEveryNumberAndTheRestFromStage2()
    {
        var settings = new EditOverrides
        {
            Profile = EditProfile.Cascade,
            FineTune = new() { Steps = 12, Batch = 3, Tuning = Tuning.Lora, Rank = 6 },
            SuperResolution = new()
            {
                FineTune = new() { LearningRate = 0.5, Rank = 2 }, Guidance = 2, Steps = 9, NoiseLevel = 100, Variance = SamplingVariance.LearnedRange,
            },
        }.Resolve("a dog", "any");

        Assert.Equal(
            new SuperResolutionSettings
            {
                FineTune = new(1500, 0.5) { Batch = 3, Tuning = Tuning.Lora, Rank = 2 }, Guidance = 2, Steps = 9, NoiseLevel = 100, Variance = SamplingVariance.LearnedRange,
            },
            settings.SuperResolution);
        Assert.Equal([EditStage.Optimize, EditStage.FineTune, EditStage.FineTuneSuperResolution, EditStage.Sample], settings.Stages());
    }

    [Fact]
    public void Resolve_OfAModelWithoutSuperResolution_HasThreeStagesAndRefusesIt()
    {
        var settings = new EditOverrides { Profile = "community" }.Resolve("a dog", "any");

        Assert.Null(settings.SuperResolution);
        Assert.Equal([EditStage.Optimize, EditStage.FineTune, EditStage.Sample], settings.Stages());
        Assert.Equal(EditStage.Sample, settings.StageAfter(EditStage.FineTune));
        Assert.Throws<EditSettingsException>(() => new EditOverrides { Profile = "community", SuperResolution = new() { Steps = 3 } }.Resolve("a dog", "any"));
    }

    [Fact]
    public void ResolveAgain_OfOtherTexts_RemembersThoseOfTheTuningUntilTheyAreTheSame()
    {
        var first = EditProfile.All["community"].For("a dog");
        var second = new EditOverrides { NegativeText = "blur" }.ResolveAgain(first, "a cat");
        var third = new EditOverrides { Seeds = [9], Steps = 4 }.ResolveAgain(second, null);
        var fourth = new EditOverrides { NegativeText = "" }.ResolveAgain(third, "a dog");

        Assert.Equal(("a cat", "blur", new EditTexts("a dog", "")), (second.TargetText, second.NegativeText, second.Tuned));
        Assert.Equal(("a cat", "blur", new EditTexts("a dog", "")), (third.TargetText, third.NegativeText, third.Tuned));
        Assert.Equal((4, 9L), (third.Sample.Steps, Assert.Single(third.Sample.Seeds)));
        Assert.Equal(first with { Sample = third.Sample }, fourth);
    }

    [Fact]
    public void ResolveAgain_OfOtherStrengths_SuggestsWhatAStartWithThemWould()
    {
        var first = new EditOverrides { Etas = [0.1] }.Resolve("a dog", "emoji-64");

        var again = new EditOverrides { Etas = [0.2, 1.2] }.ResolveAgain(first, null);

        Assert.Equal(new EditOverrides { Etas = [0.2, 1.2] }.Resolve("a dog", "emoji-64").Suggested, again.Suggested);
        Assert.Equal(1.2, again.Suggested.Eta);
    }

    [Fact]
    public void Resolve_OfOtherStrengths_SuggestsTheNearest()
    {
        var settings = new EditOverrides { Etas = [0.1, 0.95], Blends = [0, 0.4, 1] }.Resolve("a dog", "emoji-64");

        Assert.Equal(new(0.95, 0.4), settings.Suggested);
    }

    [Theory]
    [InlineData("{}", 8, 8, 0.7)]
    [InlineData("""{"renders":4}""", 4, 8, 0.7)]
    [InlineData("""{"steps":9,"alignment":0.9}""", 8, 9, 0.9)]
    public void Resolve_OfASearchAsItIsSent_IsTheUsualOneWhereNothingIsSaid(string search, int renders, int steps, double alignment)
    {
        var overrides = JsonSerializer.Deserialize($$"""{"search":{{search}} }""", ContractsJsonContext.Default.EditOverrides)!;

        var settings = overrides.Resolve("a dog", "emoji-64");

        Assert.Equal(new StrengthSearch { Renders = renders, Steps = steps, Alignment = alignment }, settings.Sample.Search);
        Assert.Equal(settings.Sample.Search! with { Steps = 5 }, new EditOverrides { Search = new() { Steps = 5 } }.ResolveAgain(settings, null).Sample.Search);
    }

    [Fact]
    public void Resolve_OfASearch_GoesAsFarAsTheProfile_AtItsBlend()
    {
        var settings = new EditOverrides { Search = new() { Steps = 6 } }.Resolve("a dog", "emoji-64");

        Assert.Equal((new StrengthSearch { Steps = 6 }, 1.2), (settings.Sample.Search, settings.Sample.Etas.Max()));
        Assert.Equal([0.4], settings.Sample.Blends);
        Assert.Equal(settings, EditOverrides.Of(settings).Resolve("a dog", "emoji-64"), Same);
        Assert.Equal([0.7, 1], new EditOverrides { Search = new(), Blends = [0.7, 1] }.Resolve("a dog", "emoji-64").Sample.Blends);
    }

    [Fact]
    public void ResolveAgain_OfASearch_SearchesUnlessStrengthsAreListed()
    {
        var first = new EditOverrides { Search = new() }.Resolve("a dog", "emoji-64");

        Assert.NotNull(new EditOverrides { Seeds = [9] }.ResolveAgain(first, null).Sample.Search);
        Assert.Null(new EditOverrides { Etas = [0.5] }.ResolveAgain(first, null).Sample.Search);
    }

    [Theory]
    [InlineData(3, 8, 0.7, "search renders")]
    [InlineData(17, 8, 0.7, "search renders")]
    [InlineData(8, 0, 0.7, "search steps")]
    [InlineData(8, 8, 1.1, "search alignment")]
    [InlineData(8, 8, double.NaN, "search alignment")]
    public void Resolve_OfASearchOutOfRange_NamesTheSetting(int renders, int steps, double alignment, string setting)
    {
        var overrides = new EditOverrides { Search = new() { Renders = renders, Steps = steps, Alignment = alignment } };

        Assert.Equal(setting, Assert.Throws<EditSettingsException>(() => overrides.Resolve("a dog", "emoji-64")).Setting);
    }

    [Fact]
    public void Resolve_OfASearchThatCannotBe_SaysWhy()
    {
        Assert.Equal("eta", Refused(new() { Search = new(), Etas = [-0.5] }));
        Assert.Equal("number of drafts", Refused(new() { Search = new() { Renders = 16 }, Seeds = [.. Enumerable.Range(1, 17).Select(seed => (long)seed)] }));

        static string Refused(EditOverrides overrides) => Assert.Throws<EditSettingsException>(() => overrides.Resolve("a dog", "emoji-64")).Setting;
    }

    // Arrays are compared by what is in them.
    private static bool Same(EditSettings one, EditSettings other) => JsonSerializer.Serialize(one, ContractsJsonContext.Default.EditSettings) == JsonSerializer.Serialize(other, ContractsJsonContext.Default.EditSettings);

    [Fact]
    public void Resolve_OfNoEtas_RendersTheSourceOnly() =>
        Assert.Equal([0], new EditOverrides { Etas = [] }.Resolve("a dog", "emoji-64").EtasWithSource());

    [Fact]
    public void Resolve_OfAnUnknownProfile_NamesThoseThereAre()
    {
        var exception = Assert.Throws<EditSettingsException>(() => new EditOverrides { Profile = "best" }.Resolve("a dog", "any"));

        Assert.Contains("'best'", exception.Message, StringComparison.Ordinal);
        Assert.All(EditProfile.All.Keys, name => Assert.Contains(name, exception.Message, StringComparison.Ordinal));
    }

    public static TheoryData<string, EditOverrides> OutOfRange => new()
    {
        { "blends", new() { Blends = [] } },
        { "seeds", new() { Seeds = [] } },
        { "eta", new() { Etas = [4] } },
        { "number of pictures", new() { Seeds = [.. Enumerable.Range(0, 200).Select(i => (long)i)], Etas = [1], Blends = [1] } },
        { "seeds", new() { Seeds = [.. Enumerable.Repeat(1L, 257)] } },
        { "optimize steps", new() { Optimize = new() { Steps = -1 } } },
        { "finetune early-stop improvement", new() { FineTune = new() { EarlyStop = 1 } } },
        { "finetune accumulation", new() { FineTune = new() { Batch = 6, Accumulate = 4 } } },
        { "optimize accumulation", new() { Optimize = new() { Batch = 6, Accumulate = 0 } } },
        { "finetune rank", new() { FineTune = new() { Tuning = Tuning.Lora, Rank = 0 } } },
        { "finetune rank", new() { FineTune = new() { Tuning = Tuning.KeysAndValues, Rank = 4 } } },
        { "finetune optimizer", new() { FineTune = new() { Optimizer = (Optimizer)7 } } },
        { "finetune tuning", new() { FineTune = new() { Tuning = (Tuning)7 } } },
        { "sampling batch", new() { SampleBatch = 0 } },
        { "negative text", new() { NegativeText = "a\tb" } },
        { "latent", new() { Latent = (LatentMode)7 } },
        { "scheduler", new() { Scheduler = (SchedulerType)7 } },
    };

    [Theory]
    [MemberData(nameof(OutOfRange))]
    public void Resolve_OfANumberOutOfRange_NamesTheSetting(string setting, EditOverrides overrides) =>
        Assert.Equal(setting, Assert.Throws<EditSettingsException>(() => overrides.Resolve("a dog", "emoji-64")).Setting);
}

using System.Security.Cryptography;
using System.Text;

namespace Imagic.Editing.Tests;

public class FingerprintTests
{
    [Fact]
    public void Of_AFullTuning_IsWhatItWasBeforeThereWereOthers() =>
        AssertFineTune("""{"steps":3,"learningRate":0.001,"batch":1,"earlyStop":null}""", new(3, 1e-3));

    [Fact]
    public void Of_OtherTunings_KnowsEachNumber()
    {
        FineTuneSettings[] different =
        [
            new(3, 1e-3), new(3, 1e-3) { Tuning = Tuning.KeysAndValues }, new(3, 1e-3) { Tuning = Tuning.Lora, Rank = 4 },
            new(3, 1e-3) { Tuning = Tuning.Lora, Rank = 5 }, new(3, 1e-3) { Batch = 4 }, new(3, 1e-3) { Batch = 4, Accumulate = 2 }, new(3, 1e-3) { Optimizer = Optimizer.AdamW8Bit },
        ];

        Assert.Equal(different.Length, different.Select(settings => Of(settings)[EditStage.FineTune]).Distinct().Count());
        Assert.Single(different.Select(settings => Of(settings)[EditStage.Optimize]).Distinct());
    }

    [Fact]
    public void Of_ACascade_KnowsEachNumberOfSuperResolutionInItsStage()
    {
        var settings = TinyEdit.For(TinyEdit.Cascade, TinyEdit.Settings);
        var super = settings.SuperResolution!;
        var start = Of(settings);

        AssertChanged([EditStage.FineTuneSuperResolution, EditStage.Sample], settings with { SuperResolution = super with { FineTune = new(4, 1e-3) } });
        AssertChanged([EditStage.Sample], settings with { SuperResolution = super with { Steps = 9 } });
        AssertChanged([EditStage.Sample], settings with { SuperResolution = super with { Guidance = 9 } });
        AssertChanged([EditStage.Sample], settings with { SuperResolution = super with { NoiseLevel = 9 } });
        AssertChanged([EditStage.Sample], settings with { SuperResolution = super with { Variance = SamplingVariance.LearnedRange } });
        AssertChanged([EditStage.Optimize, EditStage.FineTune, EditStage.Sample], settings with { Optimize = new(9, 1e-3) });
        AssertChanged(Enum.GetValues<EditStage>(), settings with { TargetText = "a cat" });

        void AssertChanged(EditStage[] stages, EditSettings other) =>
            Assert.Equal(stages, Of(other).Where(stage => start[stage.Key] != stage.Value).Select(stage => stage.Key).Order());
    }

    private static IReadOnlyDictionary<EditStage, string> Of(EditSettings settings) =>
        Fingerprint.Of(settings, "model", TinyEdit.Source, "Float32 CPU");

    private static IReadOnlyDictionary<EditStage, string> Of(FineTuneSettings settings) =>
        Fingerprint.Of(TinyEdit.Settings with { FineTune = settings }, "model", TinyEdit.Source, "Float32 CPU");

    private static void AssertFineTune(string json, FineTuneSettings settings)
    {
        var fingerprints = Of(settings);
        byte[] hashed = [.. Convert.FromHexString(fingerprints[EditStage.Optimize]), .. Encoding.UTF8.GetBytes(json)];
        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(hashed)), fingerprints[EditStage.FineTune]);
    }
}

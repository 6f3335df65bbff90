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

    private static IReadOnlyDictionary<EditStage, string> Of(FineTuneSettings settings) =>
        Fingerprint.Of(TinyEdit.Settings with { FineTune = settings }, "model", TinyEdit.Source, "Float32 CPU");

    private static void AssertFineTune(string json, FineTuneSettings settings)
    {
        var fingerprints = Of(settings);
        byte[] hashed = [.. Convert.FromHexString(fingerprints[EditStage.Optimize]), .. Encoding.UTF8.GetBytes(json)];
        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(hashed)), fingerprints[EditStage.FineTune]);
    }
}

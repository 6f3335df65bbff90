using System.Text.Json;
using Imagic.Contracts.Settings;

namespace Imagic.Contracts.Tests.Settings;

public class EditMethodTests
{
    public static TheoryData<EditMethod> Untuned => [EditMethod.SdEdit, EditMethod.Ddib];

    [Theory]
    [MemberData(nameof(Untuned))]
    public void Resolve_OfAMethodThatTunesNothing_HasOneStage_AndOneAxis(EditMethod method)
    {
        var settings = new EditOverrides { Method = method }.Resolve("a dog", "emoji-64");

        Assert.Equal([EditStage.Sample], settings.Stages());
        Assert.Equal((0, 0), (settings.Optimize.Steps, settings.FineTune.Steps));
        Assert.Equal([0.0], settings.Sample.Blends);
        Assert.Contains(settings.Suggested.Eta, settings.Sample.Etas);
        Assert.Equal(method == EditMethod.Ddib ? 1 : 3, settings.Sample.Seeds.Length);
        // What the model's own profile says of sampling stays.
        Assert.Equal((2.5, 25, LatentMode.Mean), (settings.Sample.Guidance, settings.Sample.Steps, settings.Latent));
    }

    [Fact]
    public void Resolve_WithoutAMethod_IsImagic_AndWritesNothingOfIt()
    {
        var settings = new EditOverrides().Resolve("a dog", "any");

        Assert.Equal(EditMethod.Imagic, settings.Sample.Method);
        Assert.Equal(3, settings.Stages().Length);
        // Else checkpoints of before would be of other settings.
        var json = JsonSerializer.Serialize(settings, ContractsJsonContext.Default.EditSettings);
        Assert.DoesNotContain("method", json, StringComparison.OrdinalIgnoreCase);
    }

    [Theory]
    [MemberData(nameof(Untuned))]
    public void Of_GivesTheSameSettings(EditMethod method)
    {
        var settings = new EditOverrides { Method = method, Etas = [0.25, 0.75], Seeds = [4], Steps = 11 }.Resolve("a dog", "emoji-64");

        var again = EditOverrides.Of(settings).Resolve("a dog", "emoji-64");

        Assert.Equal(Json(settings), Json(again));
        Assert.Equal(new(0.75, 0), settings.Suggested);
    }

    [Theory]
    [MemberData(nameof(Untuned))]
    public void ResolveAgain_TakesOtherStrengthsAndTexts_ButNotAnotherMethod(EditMethod method)
    {
        var first = new EditOverrides { Method = method }.Resolve("a dog", "emoji-64");

        var again = new EditOverrides { Etas = [0.3], Seeds = [9] }.ResolveAgain(first, "a cat");

        Assert.Equal((method, "a cat"), (again.Sample.Method, again.TargetText));
        Assert.Null(again.Tuned);
        Assert.Equal([EditStage.Sample], again.Stages());
        Assert.Equal("method", Assert.Throws<EditSettingsException>(() => new EditOverrides { Method = EditMethod.Imagic }.ResolveAgain(first, null)).Setting);
    }

    [Theory]
    [InlineData("""{"method":"sdedit","optimize":{"steps":3}}""", "optimize", "which tunes nothing")]
    [InlineData("""{"method":"ddib","fineTune":{"learningRate":0.001}}""", "finetune", "which tunes nothing")]
    [InlineData("""{"method":"sdedit","search":{}}""", "search", "list strengths")]
    [InlineData("""{"method":"sdedit","blends":[1]}""", "blend", "must be 0")]
    [InlineData("""{"method":"ddib","scheduler":"euler"}""", "scheduler", "must be ddim")]
    [InlineData("""{"method":"sdedit","etas":[1.2]}""", "eta", "0 to 1")]
    [InlineData("""{"method":"ddib","seeds":[1,2]}""", "seeds", "must be one")]
    [InlineData("""{"method":"ddib","profile":"paper-imagen"}""", "method", "pixel cascades")]
    public void Resolve_OfWhatDoesNotGoWithTheMethod_SaysWhatToDo(string json, string setting, string words)
    {
        var overrides = JsonSerializer.Deserialize(json, ContractsJsonContext.Default.EditOverrides)!;

        var refusal = Assert.Throws<EditSettingsException>(() => overrides.Resolve("a dog", "any"));

        Assert.Equal(setting, refusal.Setting);
        Assert.Contains(words, refusal.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0, 1)]
    [InlineData(0.3, 15)]
    [InlineData(1, 50)]
    public void StepsAt_OfSdEdit_IsTheShareOfTheSchedule(double eta, int steps) =>
        Assert.Equal(steps, new SamplingSettings { Method = EditMethod.SdEdit, Steps = 50 }.StepsAt(eta));

    private static string Json(EditSettings settings) => JsonSerializer.Serialize(settings, ContractsJsonContext.Default.EditSettings);
}

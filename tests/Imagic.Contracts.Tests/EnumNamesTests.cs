using System.Text.Json;
using System.Text.Json.Serialization;
using Imagic.Contracts.Edits;
using Imagic.Contracts.Settings;

namespace Imagic.Contracts.Tests;

public class EnumNamesTests
{
    [Fact]
    public void Names_AreThoseOfTheJson()
    {
        AssertAsJson<EditStage>();
        AssertAsJson<EditState>();
        AssertAsJson<LatentMode>();
        AssertAsJson<SchedulerType>();
        AssertAsJson<FaultKind>(); // has no names but those of the source
    }

    [Fact]
    public void Names_ReadBack_AndNothingElseDoes()
    {
        Assert.All(Enum.GetValues<EditStage>(), stage =>
        {
            Assert.True(EnumNames.TryParse<EditStage>(stage.Name(), out var read));
            Assert.Equal(stage, read);
        });
        Assert.All(["FineTune", "1", "", null], name => Assert.False(EnumNames.TryParse<EditStage>(name, out _)));
        Assert.Throws<ArgumentOutOfRangeException>(() => ((EditStage)9).Name());
    }

    [Fact]
    public void List_IsInTheOrderOfTheValues() => Assert.Equal("optimize, finetune, finetune-sr, sample", EnumNames.List<EditStage>());

    [Fact]
    public void Settings_WithANumberThatIsNoLatentMode_NameTheSpellingsOfTheWire()
    {
        var settings = EditProfile.All["community"].For("a cat");
        settings = settings with { Latent = (LatentMode)9 };

        var refusal = Assert.Throws<EditSettingsException>(settings.Validate);

        Assert.Contains("mean, sample", refusal.Message, StringComparison.Ordinal);
    }

    private static void AssertAsJson<T>()
        where T : struct, Enum
    {
        var options = new JsonSerializerOptions { Converters = { new JsonStringEnumConverter<T>() } };
        Assert.All(Enum.GetValues<T>(), value => Assert.Equal(JsonSerializer.Serialize(value, options), $"\"{value.Name()}\""));
    }
}

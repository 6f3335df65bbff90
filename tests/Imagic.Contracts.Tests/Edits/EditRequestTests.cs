using System.Text.Json;
using Imagic.Contracts.Edits;
using Imagic.Contracts.Settings;

namespace Imagic.Contracts.Tests.Edits;

public class EditRequestTests
{
    private const string Model = "emoji-64";
    private const string Sha = "00ff";

    private static readonly EditRequest Request = new() { TargetText = "a smiling cat" };

    [Fact]
    public void Resolve_WithoutSettings_TakesTheProfileOfTheModel()
    {
        var settings = Request.Resolve(Model);

        Assert.Equal((Model, "a smiling cat", EditProfile.All[Model].Optimize), (settings.Profile, settings.TargetText, settings.Optimize));
        Assert.Equal("community", Request.Resolve("some-other-model").Profile);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("   ")]
    [InlineData("two\nlines")]
    public void Resolve_OfAnUnusableText_NamesIt(string? text) =>
        Assert.Equal("target text", Assert.Throws<EditSettingsException>(() => (Request with { TargetText = text }).Resolve(Model)).Setting);

    [Theory]
    [InlineData(0, 64)]
    [InlineData(64, 0)]
    [InlineData(-8, 64)]
    [InlineData(63, 64)]
    [InlineData(64, 4104)]
    public void Resolve_OfAnUnusableSize_NamesIt(int width, int height) =>
        Assert.Equal("size", Assert.Throws<EditSettingsException>(() => (Request with { Size = new(width, height) }).Resolve(Model)).Setting);

    [Theory]
    [InlineData(8, 8)]
    [InlineData(4096, 4096)]
    [InlineData(512, 768)]
    public void Resolve_OfAUsableSize_Passes(int width, int height) => (Request with { Size = new(width, height) }).Resolve(Model);

    [Fact]
    public void Hash_OfTheSame_IsTheSame() => Assert.Equal(Hash(Request), Hash(Request with { TargetText = "a smiling cat" }));

    [Fact]
    public void Hash_OfSettingsThatOnlyRepeatTheProfile_IsTheSame() =>
        Assert.Equal(Hash(Request), Hash(Request with { Settings = new() { Profile = Model, Guidance = 2.5, Seed = 0 } }));

    public static TheoryData<EditRequest> Others =>
    [
        Request with { TargetText = "a smiling dog" },
        Request with { Size = new(64, 64) },
        Request with { Size = new(64, 128) },
        Request with { Settings = new() { Seed = 1 } },
        Request with { Settings = new() { Etas = [0.5] } },
        Request with { Settings = new() { Latent = LatentMode.Sample } },
        Request with { Settings = new() { Optimize = new() { EarlyStop = 0.02 } } },
        Request with { Settings = new() { Profile = "community" } },
    ];

    [Theory]
    [MemberData(nameof(Others))]
    public void Hash_OfSomethingElse_Differs(EditRequest other) => Assert.NotEqual(Hash(Request), Hash(other));

    [Fact]
    public void Hash_OfAnotherPictureOrModel_Differs()
    {
        var settings = Request.Resolve(Model);

        Assert.NotEqual(EditRequest.Hash(Model, settings, null, "00ff"), EditRequest.Hash(Model, settings, null, "00fe"));
        Assert.NotEqual(EditRequest.Hash(Model, settings, null, Sha), EditRequest.Hash("other", settings, null, Sha));
    }

    [Theory]
    [InlineData("""{"targetTxt":"x"}""")]
    [InlineData("""{"settings":{"eta":[1]}}""")]
    [InlineData("""{"settings":{"optimize":{"step":1}}}""")]
    public void Json_WithAMisspeltMember_IsRefused(string json) => Assert.Throws<JsonException>(() => Read(json));

    [Theory]
    [InlineData("""{"settings":{"latent":"mode"}}""")]
    [InlineData("""{"settings":{"scheduler":"best"}}""")]
    [InlineData("""{"settings":{"scheduler":{}}}""")]
    public void Json_WithAChoiceThatIsNone_IsRefused(string json) => Assert.Throws<JsonException>(() => Read(json));

    [Fact]
    public void Json_WithHalfASize_IsRefused() => Assert.Throws<JsonException>(() => Read("""{"size":{"width":64}}"""));

    private static EditRequest? Read(string json) => JsonSerializer.Deserialize(json, ContractsJsonContext.Default.EditRequest);

    private static string Hash(EditRequest request) => EditRequest.Hash(Model, request.Resolve(Model), request.Size, Sha);
}

using System.Text.Json;
using FsCheck;
using FsCheck.Fluent;
using Imagic.Contracts.Edits;

namespace Imagic.Contracts.Tests.Edits;

public class EditIdTests
{
    private static readonly DateTimeOffset Noon = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData("abc")]
    [InlineData("0-1")]
    [InlineData("upload-00ff")]
    [InlineData("a--b")]
    public void TryParse_OfAnId_GivesItBack(string text)
    {
        Assert.True(EditId.TryParse(text, out var id));
        Assert.Equal((text, text), (id.Value, id.ToString()));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("ab")]
    [InlineData("-abc")]
    [InlineData("abc-")]
    [InlineData("Abc")]
    [InlineData("a.b")]
    [InlineData("a/b")]
    [InlineData("../x")]
    [InlineData("a b")]
    [InlineData("a%2fb")]
    [InlineData("äbc")]
    [InlineData("a\u0660c")]
    [InlineData("abc\n")]
    public void TryParse_OfAnythingElse_Refuses(string? text) => Assert.False(EditId.TryParse(text, out _));

    [Fact]
    public void TryParse_At64And65Characters_TakesThe64()
    {
        Assert.True(EditId.TryParse(new('x', 64), out _));
        Assert.False(EditId.TryParse(new('x', 65), out _));
    }

    [Fact]
    public void TryParse_OfAnyText_TakesOnlyWhatIsSafeInPathsAndUrls() =>
        Prop.ForAll(ArbMap.Default.ArbFor<string>(), text =>
            !EditId.TryParse(text, out var id)
            || (id.Value == text && Uri.EscapeDataString(text) == text && text.All(c => c is '-' or (>= '0' and <= '9') or (>= 'a' and <= 'z'))))
            .QuickCheckThrowOnFailure();

    [Fact]
    public void Parse_OfNoId_SaysTheRule() =>
        Assert.Contains(EditId.Rule, Assert.Throws<FormatException>(() => EditId.Parse("No!")).Message, StringComparison.Ordinal);

    [Fact]
    public void Value_OfTheDefault_Throws() => Assert.Throws<InvalidOperationException>(() => default(EditId).Value);

    [Fact]
    public void New_AtLaterTimes_SortsLater() =>
        Prop.ForAll(ArbMap.Default.ArbFor<PositiveInt>(), later =>
            string.CompareOrdinal(EditId.New(Noon).Value, EditId.New(Noon.AddMilliseconds(later.Get)).Value) < 0)
            .QuickCheckThrowOnFailure();

    [Fact]
    public void Derive_OfAnyParts_IsAnIdAndAlwaysTheSame() =>
        Prop.ForAll(ArbMap.Default.ArbFor<string[]>(), parts =>
        {
            var texts = parts.Select(part => part ?? "").ToArray();
            var id = EditId.Derive("upload", texts);
            return EditId.TryParse(id.Value, out _) && id == EditId.Derive("upload", texts) && id != EditId.Derive("batch", texts);
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void Derive_OfDifferentCuts_Differs() =>
        Prop.ForAll(ArbMap.Default.ArbFor<NonEmptyString>(), ArbMap.Default.ArbFor<PositiveInt>(), (text, cut) =>
        {
            var at = cut.Get % text.Get.Length;
            return EditId.Derive("x", text.Get[..at], text.Get[at..]) != EditId.Derive("x", text.Get)
                && EditId.Derive("x", text.Get, "") != EditId.Derive("x", text.Get);
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void Derive_OfKnownParts_NeverChanges() =>
        // Replayed events of an older version must find the edits that it started.
        Assert.Equal("upload-d8390b01038b4136898ddb237aa450d8", EditId.Derive("upload", "cat.jpg", "0x8DE").Value);

    [Theory]
    [InlineData("\"ab\"")]
    [InlineData("\"A/B\"")]
    [InlineData("7")]
    [InlineData("null")]
    [InlineData("{}")]
    public void Json_OfNoId_IsRefused(string json) =>
        Assert.Throws<JsonException>(() => JsonSerializer.Deserialize<EditId>(json));

    [Fact]
    public void Json_OfAnId_IsItsText()
    {
        var id = EditId.Parse("cat-1");

        Assert.Equal("\"cat-1\"", JsonSerializer.Serialize(id));
        Assert.Equal(id, JsonSerializer.Deserialize<EditId>("\"cat-1\""));
    }
}

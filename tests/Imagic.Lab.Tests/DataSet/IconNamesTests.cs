using Imagic.Lab.DataSet;

namespace Imagic.Lab.Tests.DataSet;

public sealed class IconNamesTests(PackagesFixture packages) : IClassFixture<PackagesFixture>
{
    [Theory]
    [InlineData("red-heart", "2764")] // CLDR's name
    [InlineData("heavyblackheart", "2764")] // the name of a set that knows its code points, and Unicode's
    [InlineData("greeting", "1F44B")]
    [InlineData("wavinghandsign", "1F44B")] // Unicode's name
    [InlineData("hello-hand", "1F44B")] // shortcode, and a name in the set
    [InlineData("waving-hand-dark-skin-tone", "1F44B-1F3FF")]
    [InlineData("flag-for-reunion", "1F1F7-1F1EA")]
    [InlineData("up-button", "1F199")]
    [InlineData("loving-heart", "2764")] // reviewed
    [InlineData("love", null)] // reviewed: no emoji
    [InlineData("up", null)] // two shortcodes
    [InlineData("dark-skin-tone", null)] // a swatch
    [InlineData("fox-with-a-tie", null)]
    public void Find_KnowsTheKindsOfNames_AndDoesNotGuess(string slug, string? codePoints) =>
        Assert.Equal(codePoints, Names().Find([slug])?.CodePoints);

    [Fact]
    public void Find_AsksTheOtherNamesInTurn() => Assert.Equal("2764", Names().Find(["unknown", "up", "red-heart"])?.CodePoints);

    private IconNames Names() => new(
        EmojiCatalogue.Read(packages.Packages.Find(EmojiCatalogue.Package)),
        [IconSet.Read(packages.Packages.Find("@iconify-json/noto"))], [("loving-heart", "red heart"), ("love", "-")]);
}

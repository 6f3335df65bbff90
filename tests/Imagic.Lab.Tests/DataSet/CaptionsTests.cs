using Imagic.Lab.DataSet;

namespace Imagic.Lab.Tests.DataSet;

public sealed class CaptionsTests
{
    [Theory]
    [InlineData("crying face", "crying face")]
    [InlineData("waving hand: light skin tone", "waving hand with light skin tone")]
    [InlineData("woman: dark skin tone, red hair", "woman with dark skin tone and red hair")]
    [InlineData("man: bald", "bald man")]
    [InlineData("man: medium skin tone, bald", "bald man with medium skin tone")]
    [InlineData("kiss: woman, man", "kiss of woman and man")]
    [InlineData("family: man, woman, girl, boy", "family of man, woman, girl and boy")]
    [InlineData("person walking: facing right", "person walking facing right")]
    [InlineData("keycap: 3", "keycap 3")]
    [InlineData("flag: Hong Kong SAR, China", "flag of Hong Kong SAR, China")]
    public void Spell_WritesNamesOut(string name, string expected) => Assert.Equal(expected, Captions.Spell(name));

    [Fact]
    public void Of_NamesStyleAndKeywords() => Assert.Equal(
        [
            "crying face", "crying face, noto style", "a noto style emoji of a crying face", "a noto emoji of a crying face",
            "crying face, sad, noto style", "crying face, tear, noto style",
        ],
        Captions.Of(Emoji("crying face", "face", "sad", "tear", "awful"), "noto"));

    [Fact]
    public void Name_PutsTheColourWithItsArticle() => Assert.Equal(
        ["crying face on an orange background, noto style", "a noto style emoji of a crying face on an orange background"],
        Captions.OnBackground(Emoji("crying face"), "noto").Select(caption => Captions.Name(caption, new("orange", 240, 160, 76))));

    [Theory]
    [InlineData("grapes", "a noto style emoji of grapes")]
    [InlineData("octopus", "a noto style emoji of an octopus")]
    [InlineData("unicorn", "a noto style emoji of a unicorn")]
    [InlineData("Japanese dolls", "a noto style emoji of Japanese dolls")]
    public void Of_ChoosesTheArticle(string name, string expected) => Assert.Contains(expected, Captions.Of(Emoji(name), "noto"));

    private static Emoji Emoji(string name, params string[] keywords) => new("0", name, name, keywords, "animals-nature");
}

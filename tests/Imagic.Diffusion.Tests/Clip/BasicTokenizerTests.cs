using Imagic.Diffusion.Clip;

namespace Imagic.Diffusion.Tests.Clip;

public sealed class BasicTokenizerTests
{
    [Theory]
    [InlineData("A  Photo\tof\na\u00A0Dog", "a photo of a dog")]
    [InlineData("zero\u200Bwidth\u0007 bell\uFFFD", "zerowidth bell")]
    [InlineData("狗在a草", "狗 在 a 草")]
    [InlineData("\U0002F800x", "丽 x")] // a compatibility ideograph, composed to its unified one
    [InlineData("line\u2028separator", "line separator")]
    [InlineData("lone \uD800 surrogate", "lone surrogate")]
    [InlineData("don't!", "don't!")]
    public void Split_Text_GivesCleanLowerCaseWords(string text, string words) =>
        Assert.Equal(words.Split(' '), BasicTokenizer.Split(text));

    /// <summary>Expected values are Python's <c>str.lower()</c>.</summary>
    [Theory]
    [InlineData("İSTANBUL", "i\u0307stanbul")]
    [InlineData("STRASSE straße ẞ", "strasse straße ß")]
    [InlineData("ΣΚΎΛΟΣ", "σκύλος")]
    [InlineData("Σ", "σ")]
    [InlineData("ΑΣ'Α", "ασ'α")] // the apostrophe is skipped: a letter follows
    [InlineData("ΑΣ'", "ας'")]
    [InlineData("ªΣ", "ªς")]
    [InlineData("ЁЖ ÅÄÖ Ⅷ Ⓐ 𐐀", "ёж åäö ⅷ ⓐ 𐐨")]
    public void Lower_Text_IsUnicodesFullMapping(string text, string lower) => Assert.Equal(lower, BasicTokenizer.Lower(text));
}

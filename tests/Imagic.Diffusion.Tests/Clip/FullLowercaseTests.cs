using Imagic.Diffusion.Clip;

namespace Imagic.Diffusion.Tests.Clip;

/// <summary>Expected values are Python's <c>str.lower()</c>.</summary>
public sealed class FullLowercaseTests
{
    [Theory]
    [InlineData("İSTANBUL", "i\u0307stanbul")]
    [InlineData("STRASSE straße ẞ", "strasse straße ß")]
    [InlineData("ΣΚΎΛΟΣ", "σκύλος")]
    [InlineData("Σ", "σ")]
    [InlineData("ΑΣ'Α", "ασ'α")] // the apostrophe is skipped: a letter follows
    [InlineData("ΑΣ'", "ας'")]
    [InlineData("ªΣ", "ªς")]
    [InlineData("ЁЖ ÅÄÖ Ⅷ Ⓐ 𐐀", "ёж åäö ⅷ ⓐ 𐐨")]
    public void Of_Text_IsUnicodesFullMapping(string text, string lower) => Assert.Equal(lower, FullLowercase.Of(text));
}

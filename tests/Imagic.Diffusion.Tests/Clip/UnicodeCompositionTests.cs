using FsCheck;
using FsCheck.Fluent;
using Imagic.Diffusion.Clip;

namespace Imagic.Diffusion.Tests.Clip;

/// <summary>Expected values are Python's <c>unicodedata.normalize("NFC", …)</c>.</summary>
public sealed class UnicodeCompositionTests
{
    [Theory]
    [InlineData("cafe\u0301", "café")]
    [InlineData("\u212B\u2126", "ÅΩ")] // singletons: Ångström and Ohm signs
    [InlineData("D\u0307\u0323", "\u1E0C\u0307")] // marks are put in order before composing
    [InlineData("a\u0328\u0301\u0300", "\u0105\u0301\u0300")]
    [InlineData("\u0958", "\u0915\u093C")] // excluded from composition
    [InlineData("\u0344", "\u0308\u0301")]
    [InlineData("\u1100\u1161\u11A8", "각")]
    [InlineData("\uAC00\u11A8", "각")]
    [InlineData("각\u11A8", "각\u11A8")] // a syllable has one tail
    [InlineData("\u1100\u0300\u1161", "\u1100\u0300\u1161")] // a mark between keeps starters apart
    [InlineData("\U00011099\U000110BA", "\U0001109A")]
    [InlineData("\u0301e", "\u0301e")]
    public void Normalize_Text_ComposesCanonically(string text, string composed) =>
        Assert.Equal(composed, UnicodeComposition.Normalize(text));

    [Fact]
    public void Normalize_ComposedText_ChangesNothing() =>
        Prop.ForAll(MarkedText, text =>
        {
            var composed = UnicodeComposition.Normalize(text);
            return UnicodeComposition.Normalize(composed) == composed;
        }).QuickCheckThrowOnFailure();

    private static Arbitrary<string> MarkedText =>
        Gen.Elements([.. "aeoOUW", .. "\u0300\u0301\u0307\u0308\u0323\u0328\u0345", 'Å', '가', '\u1161', '\u11A8', '\u0915', '\u093C'])
            .ArrayOf().Select(letters => new string(letters)).ToArbitrary();
}

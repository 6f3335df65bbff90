using Imagic.Diffusion.Clip;

namespace Imagic.Diffusion.Tests.Clip;

public sealed class BytePairEncoderTests
{
    [Theory]
    [InlineData("don't!'s", "don 't !' s")]
    [InlineData("v1.5beta2", "v 1 . 5 beta 2")]
    [InlineData("x<|endoftext|>y", "x <|endoftext|> y")]
    [InlineData("!<|endoftext|>", "!<| endoftext |>")]
    [InlineData("a𝐛c𐐨x", "a𝐛c𐐨x")] // letters and numbers beyond the Basic Multilingual Plane are such, too
    [InlineData("𝟏𝟐½", "𝟏 𝟐 ½")]
    [InlineData("👩\u200D👩!a", "👩\u200D👩! a")]
    [InlineData("i'ſ", "i 'ſ")]
    [InlineData("ᾳ\u0345x\u0345", "ᾳ x")]
    public void Pieces_Word_IsCutAsByClipsPattern(string word, string pieces) =>
        Assert.Equal(pieces.Split(' '), BytePairEncoder.Pieces(word));
}

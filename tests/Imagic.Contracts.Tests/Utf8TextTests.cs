using System.Text;

namespace Imagic.Contracts.Tests;

public class Utf8TextTests
{
    [Theory]
    [InlineData("", "")]
    [InlineData("a cat", "a cat")]
    [InlineData("%41%C3%A4 ä", "Aä ä")]
    [InlineData("%F0%9F%98%80", "😀")]
    [InlineData("100% %4 %zz %+1 % 1 50%25", "100% %4 %zz %+1 % 1 50%")]
    public void TryUnescape_OfUtf8_GivesTheText(string escaped, string expected)
    {
        Assert.True(Utf8Text.TryUnescape(escaped, out var text));
        Assert.Equal(expected, text);
    }

    [Theory]
    [InlineData("%FF")]
    [InlineData("%C3")]
    [InlineData("%C3 %A4")]
    [InlineData("%ED%A0%80")] // half of a surrogate pair
    [InlineData("%C0%80")] // longer than it has to be
    public void TryUnescape_OfOtherBytes_IsRefused(string escaped) => Assert.False(Utf8Text.TryUnescape(escaped, out _));

    [Fact]
    public void Text_WithHalfASurrogatePair_IsNotWhole()
    {
        Assert.False(Utf8Text.IsWhole("a\ud83d"));
        Assert.False(Utf8Text.IsWhole("\ude00a"));
        Assert.False(Utf8Text.TryUnescape("\ud83d", out _));
        Assert.True(Utf8Text.IsWhole("a\ud83d\ude00\ufffd"));
    }

    [Fact]
    public void TryDecode_OfLatin1_IsRefused() => Assert.False(Utf8Text.TryDecode(Encoding.Latin1.GetBytes("Kätzchen"), out _));
}

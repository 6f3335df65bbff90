namespace Imagic.Contracts.Tests;

public class PrintableTests
{
    [Fact]
    public void Of_WhatEndsALineOrMovesTheCursor_ShowsItAsJsonWould()
    {
        Assert.Equal("a\\u000d\\u000ab\\u001b[2J\\u009b\\u007f\\u0000\\u0009", Printable.Of("a\r\nb\u001b[2J\u009b\u007f\0\t"));
        Assert.Equal("\\u2028\\u2029\\u0085", Printable.Of("\u2028\u2029\u0085"));
        Assert.Equal("cat\\u202egpj.exe\\u2066", Printable.Of("cat\u202egpj.exe\u2066"));
    }

    [Theory]
    [InlineData("")]
    [InlineData("ein lächelndes Kätzchen 😀 猫")]
    [InlineData("brackets [red] and \\u001b as text")]
    public void Of_AnyOtherText_IsTheText(string text) => Assert.Same(text, Printable.Of(text));
}

using Imagic.Imaging.Vips;

namespace Imagic.Imaging.Tests.Vips;

public class VipsTextTests
{
    static TextMask? Render(string text, int maxWidth = 1000, bool centred = false)
    {
        Assert.SkipWhen(VipsText.FindFont() is null, "DejaVu Sans is not installed.");
        return ImageCodec.Default.RenderText(text, 16, maxWidth, centred);
    }

    [Fact]
    public void RenderText_LabelsOfOneLine_AreEquallyTall()
    {
        var heights = ((string[])["a", "Ag", "η = 0.7", "'", "_", "Ç"]).Select(text => Render(text)!.Height);
        Assert.Single(heights.Distinct());
    }

    [Fact]
    public void RenderText_NewLineOrNarrowWidth_AddsALine()
    {
        var one = Render("eight words")!;
        Assert.Equal(Render("eight\nwords")!.Height, Render("eight words", maxWidth: one.Width - 10)!.Height);
        Assert.InRange(Render("eight\nwords")!.Height, one.Height * 1.8, one.Height * 2.1);
    }

    /// <summary>Prompts are untrusted too: Pango would read them as markup, and refuses bad UTF-8 and controls.</summary>
    [Theory]
    [InlineData("<b>x</b> & y")]
    [InlineData("</span>")]
    [InlineData("&#0;&amp")]
    [InlineData("a\u0001\u001b[31mb\u0000c")]
    [InlineData("lone \ud800 half")]
    [InlineData("\u202eright to left\u202c שלום 狗 🐕")]
    public void RenderText_AnyText_IsDrawnAsItIs(string text) => Assert.NotNull(Render(text));

    [Theory]
    [InlineData("")]
    [InlineData(" \n\t")]
    [InlineData("\u0007")]
    [InlineData("\u200b")]
    public void RenderText_NothingVisible_IsNull(string text) => Assert.Null(Render(text));

    [Fact]
    public void RenderText_WithoutAFont_IsNull() => Assert.Null(new VipsCodec(fontFile: null).RenderText("text", 16, 100));
}

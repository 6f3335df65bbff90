using Imagic.Imaging.Sheets;

namespace Imagic.Imaging.Tests.Sheets;

public class TextMaskTests
{
    static TextMask? Render(string text, int maxWidth = 1000, bool centred = false) => TextMask.Draw(text, 16, maxWidth, centred);

    [Fact]
    public void Draw_LabelsOfOneLine_AreEquallyTall()
    {
        var heights = ((string[])["a", "Ag", "η = 0.7", "'", "_", "Ç"]).Select(text => Render(text)!.Height);
        Assert.Single(heights.Distinct());
    }

    [Fact]
    public void Draw_NewLineOrNarrowWidth_AddsALine()
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
    public void Draw_AnyText_IsDrawnAsItIs(string text) => Assert.NotNull(Render(text));

    [Theory]
    [InlineData("")]
    [InlineData(" \n\t")]
    [InlineData("\u0007")]
    [InlineData("\u200b")]
    public void Draw_NothingVisible_IsNull(string text) => Assert.Null(Render(text));

    /// <summary>U+2588 fills the line and its advance, 0.77 em, and reaches into the margins.</summary>
    [Fact]
    public void Draw_FullBlock_CoversWhatItsOutlineEncloses()
    {
        var block = TextMask.Draw("\u2588", 100, 1000)!;
        Assert.InRange(block.Coverage.Sum(coverage => coverage / 255.0), 0.98 * 77 * 116, 79 * 117);
    }

    [Fact]
    public void Draw_LetterWithACounter_LeavesItEmpty()
    {
        var mask = TextMask.Draw("o", 40, 100)!;

        Assert.Contains((byte)255, mask.Coverage);
        Assert.Equal(0, mask.Coverage[mask.Height * 6 / 10 * mask.Width + mask.Width / 2]);
    }

    /// <summary>Composed of the glyphs of both.</summary>
    [Fact]
    public void Draw_AccentedLetter_HasTheInkOfBothParts()
    {
        double Ink(string text) => TextMask.Draw(text, 40, 100)!.Coverage.Sum(coverage => coverage / 255.0);
        Assert.Equal(Ink("e") + Ink("\u00b4"), Ink("é"), tolerance: 5);
    }

    [Fact]
    public void Draw_Centred_HasTheShorterLineInTheMiddle()
    {
        var mask = Render("wwwwwwww\ni", centred: true)!;
        var inked = Enumerable.Range(0, mask.Width)
            .Where(x => Enumerable.Range(mask.Height / 2, mask.Height / 2).Any(y => mask.Coverage[y * mask.Width + x] > 0));
        Assert.InRange(inked.Average(), mask.Width / 2.0 - 2, mask.Width / 2.0 + 2);
    }
}

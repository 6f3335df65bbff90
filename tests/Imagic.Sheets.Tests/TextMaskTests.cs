namespace Imagic.Sheets.Tests;

public class TextMaskTests
{
    private static TextMask? Render(string text, int maxWidth = 1000, bool centred = false) => TextMask.Draw(text, 16, maxWidth, centred);

    [Fact]
    public void Draw_LabelsOfOneLine_AreEquallyTall()
    {
        var heights = ((string[])["a", "Ag", "η = 0.7", "'", "_", "Ç", "█"])
            .SelectMany(text => Enumerable.Range(8, 30).Select(size => (Size: size, TextMask.Draw(text, size, 1000)!.Height)));
        Assert.Equal(30, heights.Distinct().Count());
    }

    [Fact]
    public void Draw_NewLineOrNarrowWidth_AddsALine()
    {
        var one = Render("eight words")!;
        Assert.Equal(Render("eight\nwords")!.Height, Render("eight words", maxWidth: one.Width - 10)!.Height);
        Assert.InRange(Render("eight\nwords")!.Height, one.Height * 1.8, one.Height * 2.1);
    }

    /// <summary>A prompt of a thousand of them would be too tall to draw.</summary>
    [Fact]
    public void Draw_LineEndsThatPromptsMayHold_AddNoLine() =>
        Assert.Equal(Render("abc")!.Height, Render("a\u2028b\u2029c")!.Height);

    /// <summary>Prompts are untrusted: Pango reads markup, and refuses bad UTF-8 and controls.</summary>
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
    [InlineData("\u2800")]
    public void Draw_NothingVisible_IsNull(string text) => Assert.Null(Render(text));

    /// <summary>Of the font that comes along, 0.77 em wide; other fonts have another block or none.</summary>
    [Fact]
    public void Draw_FullBlock_IsThatOfTheShippedFont() => Assert.InRange(TextMask.Draw("\u2588", 100, 1000)!.Width, 77, 79);

    [Fact]
    public void Draw_LetterWithACounter_LeavesItEmpty()
    {
        var mask = TextMask.Draw("o", 40, 100)!;

        Assert.Contains((byte)255, mask.Coverage);
        Assert.Equal(0, mask.Coverage[mask.Height * 6 / 10 * mask.Width + mask.Width / 2]);
    }

    [Fact]
    public void Draw_ManyAtOnce_AreTheSame()
    {
        var masks = Enumerable.Range(0, 64).AsParallel().Select(_ => Render("side by side")!.Coverage).ToArray();
        Assert.All(masks, mask => Assert.Equal(masks[0], mask));
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

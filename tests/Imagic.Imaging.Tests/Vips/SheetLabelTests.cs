using Imagic.Imaging.Tests.Sheets;
using Imagic.Imaging.Vips;

namespace Imagic.Imaging.Tests.Vips;

/// <summary>Contact sheets with drawn text, which takes a codec that draws.</summary>
public class SheetLabelTests
{
    [Fact]
    public void Render_Labels_AreDarkInkOnLightPaper()
    {
        Assert.SkipWhen(VipsText.FindFont() is null, "DejaVu Sans is not installed.");
        var labelled = ContactSheetTests.TwoByTwo("seed 1").Render(ImageCodec.Default);
        var withoutFont = ContactSheetTests.TwoByTwo("seed 1").Render(new VipsCodec(fontFile: null));

        Assert.InRange(DarkGrey(labelled), 300, 3000);
        Assert.Equal(0, DarkGrey(withoutFont));
        Assert.Equal(128 * 96 * 2, ContactSheetTests.Count(withoutFont, 255, 0, 0));
    }

    [Fact]
    public void Render_LongCaption_WrapsInsteadOfBeingCut()
    {
        Assert.SkipWhen(VipsText.FindFont() is null, "DejaVu Sans is not installed.");
        var (once, wrapped) = (ContactSheetTests.TwoByTwo("seed 1").Render(ImageCodec.Default),
            ContactSheetTests.TwoByTwo("seed 1 with a weight blend of one half").Render(ImageCodec.Default));

        Assert.Equal(once.Width, wrapped.Width);
        Assert.True(wrapped.Height > once.Height);
    }

    static int DarkGrey(RgbImage image) =>
        image.Pixels.Chunk(3).Count(pixel => pixel[0] < 128 && pixel[0] == pixel[1] && pixel[1] == pixel[2]);
}

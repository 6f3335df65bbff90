namespace Imagic.Sheets.Tests;

public class SheetLabelTests
{
    [Fact]
    public void Render_Labels_AreDarkInkOnLightPaper()
    {
        var labelled = ContactSheetTests.TwoByTwo("seed 1").Render();

        Assert.InRange(DarkGrey(labelled), 300, 3000);
    }

    [Fact]
    public void Render_LongCaption_WrapsInsteadOfBeingCut()
    {
        var (once, wrapped) = (ContactSheetTests.TwoByTwo("seed 1").Render(),
            ContactSheetTests.TwoByTwo("seed 1 with a weight blend of one half").Render());

        Assert.Equal(once.Width, wrapped.Width);
        Assert.True(wrapped.Height > once.Height);
    }

    private static int DarkGrey(RgbImage image) =>
        image.Pixels.Chunk(3).Count(pixel => pixel[0] < 128 && pixel[0] == pixel[1] && pixel[1] == pixel[2]);
}

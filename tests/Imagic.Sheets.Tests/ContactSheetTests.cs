namespace Imagic.Sheets.Tests;

public class ContactSheetTests
{
    private static readonly RgbImage Red = RgbImage.Filled(64, 48, 255, 0, 0), Blue = RgbImage.Filled(64, 48, 0, 0, 255);

    internal static ContactSheet TwoByTwo(string caption) => new()
    {
        Title = "a photo of a <sitting> dog & its leash",
        Source = RgbImage.Filled(400, 300, 0, 160, 0),
        ColumnHeadings = ["η = 0.6", "η = 0.7"],
        Rows = [new("s = 0.5", [new(Red, caption), new(Blue, caption)]), new("s = 1", [new(Blue, caption), new(Red, caption)])],
        CellSize = 128,
    };

    [Fact]
    public void Render_Pictures_AppearAtCellSizeInTheirPlaces()
    {
        var sheet = TwoByTwo("seed 1").Render();

        Assert.Equal(128 * 96 * 2, Count(sheet, 255, 0, 0));
        Assert.Equal(128 * 96 * 2, Count(sheet, 0, 0, 255));
        Assert.Equal(128 * 96, Count(sheet, 0, 160, 0));
        var (red, blue, source) = (First(sheet, 255, 0, 0), First(sheet, 0, 0, 255), First(sheet, 0, 160, 0));
        Assert.Equal(red.Y, blue.Y);
        Assert.Equal(red.Y, source.Y);
        Assert.True(source.X + 128 < red.X && red.X + 128 < blue.X);
    }

    [Fact]
    public void Render_RaggedRowsWithoutLabels_LeavesPlacesEmpty()
    {
        var sheet = new ContactSheet { Rows = [new(null, [new(Red), new(Red)]), new(null, [new(Blue)])], CellSize = 64 };

        var image = sheet.Render();

        Assert.Equal(64 * 48 * 2, Count(image, 255, 0, 0));
        Assert.Equal(64 * 48, Count(image, 0, 0, 255));
    }

    [Fact]
    public void Render_TinyCellsEmptyRowAndLongWords_Fits()
    {
        const string Long = "Donaudampfschifffahrtsgesellschaft WWWWWWWW";
        var sheet = new ContactSheet
        {
            Title = Long,
            ColumnHeadings = [Long, Long, Long],
            Rows = [new(Long, []), new(Long, [new(Red, Long)])],
            CellSize = 16,
        };

        Assert.Equal(16 * 12, Count(sheet.Render(), 255, 0, 0));
    }

    [Fact]
    public void Render_NoPicture_IsRefused() =>
        Assert.Throws<ArgumentException>(() => new ContactSheet { Rows = [] }.Render());

    internal static int Count(RgbImage image, byte red, byte green, byte blue) =>
        image.Pixels.Chunk(3).Count(pixel => pixel.AsSpan().SequenceEqual((ReadOnlySpan<byte>)[red, green, blue]));

    private static (int X, int Y) First(RgbImage image, byte red, byte green, byte blue)
    {
        for (var i = 0; i < image.Width * image.Height; i++)
        {
            if (image.Pixels.AsSpan(i * 3, 3).SequenceEqual((ReadOnlySpan<byte>)[red, green, blue]))
                return (i % image.Width, i / image.Width);
        }
        throw new InvalidOperationException("The colour does not occur.");
    }
}

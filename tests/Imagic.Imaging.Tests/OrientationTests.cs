using Imagic.TestKit.Fuzz;

namespace Imagic.Imaging.Tests;

public class OrientationTests
{
    /// <summary>EXIF 2.32, 4.6.4 A: where the stored first row and first column are in the upright picture.</summary>
    [Theory]
    [InlineData(1, "abc/def")]
    [InlineData(2, "cba/fed")]
    [InlineData(3, "fed/cba")]
    [InlineData(4, "def/abc")]
    [InlineData(5, "ad/be/cf")]
    [InlineData(6, "da/eb/fc")]
    [InlineData(7, "fc/eb/da")]
    [InlineData(8, "cf/be/ad")]
    public void Decode_StoredRowsAbcDef_TurnsThemUpright(int orientation, string expected)
    {
        byte[] rows = [0, .. "abc"u8, 0, .. "def"u8];
        var upright = Pictures.Decode(Files.Png(3, 2, 8, 0, rows, Files.Chunk("eXIf", Files.Exif(orientation))));

        var lines = Enumerable.Range(0, upright.Height).Select(y => string.Concat(upright.Row(y).ToArray().Chunk(3).Select(p => (char)p[0])));
        Assert.Equal(expected, string.Join('/', lines));
    }

    [Fact]
    public void Decode_JpegWithOrientation_HasTheSizeItsHeaderPromises()
    {
        for (var orientation = 1; orientation <= 8; orientation++)
        {
            var jpeg = Files.WithOrientation(FuzzSeeds.All["baseline.jpg"], orientation);
            var (header, image) = (ImageHeader.Read(jpeg), Pictures.Decode(jpeg));
            Assert.Equal(orientation, header.Orientation);
            Assert.Equal((header.OrientedWidth, header.OrientedHeight), (image.Width, image.Height));
        }
    }
}

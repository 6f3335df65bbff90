using System.Text;
using Imagic.Imaging;
using Imagic.Lab.DataSet;
using NetVips;

namespace Imagic.Lab.Tests.DataSet;

public class ArtworkTests
{
    private const string LeftHalfRed =
        "<svg xmlns='http://www.w3.org/2000/svg' width='4' height='2'><path fill='#f00' d='M0 0h2v2H0z'/></svg>";

    [Fact]
    public void FromSvg_KeepsTransparency()
    {
        var drawing = Artwork.FromSvg(Encoding.UTF8.GetBytes(LeftHalfRed));

        Assert.Equal((4, 2), (drawing.Width, drawing.Height));
        Assert.Equal([255, 0, 0, 255], drawing.Pixels[..4]);
        Assert.Equal(0, drawing.Pixels[^1]);
        Assert.Equal([255, 0, 0, 255, 0, 0, 10, 20, 30, 10, 20, 30], drawing.On(10, 20, 30).Pixels[..12]);
    }

    [Theory]
    [InlineData("<svg")]
    [InlineData("no drawing")]
    public void FromSvg_OfSomethingElse_SaysSo(string text) =>
        Assert.Throws<VipsException>(() => Artwork.FromSvg(Encoding.UTF8.GetBytes(text)));

    [Fact]
    public void FromWebP_OfAnOpaquePicture_CoversAll() => Assert.All(
        Artwork.FromWebP(ImageCodec.Encode(RgbImage.Filled(3, 2, 9, 99, 199), ImageFormat.WebP)).Pixels.Chunk(4),
        pixel => Assert.Equal(255, pixel[3]));
}

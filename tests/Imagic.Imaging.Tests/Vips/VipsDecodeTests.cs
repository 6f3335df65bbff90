using Imagic.Imaging.Fuzz;

namespace Imagic.Imaging.Tests.Vips;

public class VipsDecodeTests
{
    [Theory]
    [InlineData("cmyk.jpg", 2)]
    [InlineData("plain.avif", 1)]
    [InlineData("turned.avif", 1)]
    public void Decode_AvifAndProfiledCmyk_ShowsTheSamePicture(string name, double difference) =>
        Assert.InRange(Pictures.Difference(Pictures.Quarters(), Pictures.Decode(FuzzSeeds.All[name])), 0, difference);
}

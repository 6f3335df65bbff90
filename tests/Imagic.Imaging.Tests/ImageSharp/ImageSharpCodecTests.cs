using Imagic.Imaging.Fuzz;

namespace Imagic.Imaging.Tests.ImageSharp;

public class ImageSharpCodecTests
{
    [Theory]
    [InlineData("plain.avif")]
    [InlineData("turned.avif")]
    public void Decode_Avif_SaysWhatToDo(string name)
    {
        var refusal = Assert.Throws<ImageException>(() => Pictures.Decode(FuzzSeeds.All[name]));

        Assert.Equal(ImageProblem.UnsupportedFormat, refusal.Problem);
        Assert.Contains("an AVIF picture", refusal.Message, StringComparison.Ordinal);
        Assert.Contains("Export it as JPEG", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Decode_UnknownFormat_IsToldWhatIsDecodedHere() => Assert.Contains(
        "Send a JPEG, PNG, WebP or GIF.", Assert.Throws<ImageException>(() => Pictures.Decode([1, 2, 3])).Message, StringComparison.Ordinal);

    /// <summary>The library would leave the missing rows black.</summary>
    [Theory]
    [InlineData(8)]
    [InlineData(16)]
    public void Decode_PngWithoutItsLastRow_IsCorrupt(byte depth)
    {
        var row = new byte[1 + 5 * depth / 8];
        var (whole, cut) = (Files.Png(5, 3, depth, 0, [.. row, .. row, .. row]), Files.Png(5, 3, depth, 0, [.. row, .. row, .. row[1..]]));

        Assert.Equal(RgbImage.Filled(5, 3, 0, 0, 0), Pictures.Decode(whole));
        Assert.Equal(ImageProblem.Corrupt, Assert.Throws<ImageException>(() => Pictures.Decode(cut)).Problem);
    }

    [Fact]
    public void RenderText_DrawsNone() => Assert.Null(ImageCodec.Default.RenderText("text", 16, 100));
}

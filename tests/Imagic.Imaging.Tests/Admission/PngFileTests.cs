using Imagic.Imaging.Admission;

namespace Imagic.Imaging.Tests.Admission;

public class PngFileTests
{
    /// <summary>64 MiB in 64 KiB.</summary>
    private static readonly byte[] Bomb = Files.Deflate(new byte[64 * 1024 * 1024]);

    [Fact]
    public void Decode_TextThatInflatesAThousandfold_IsNeverInflated()
    {
        byte[] text = [.. "Comment\0\0"u8, .. Bomb];
        var png = Files.Png(2, 1, 8, 0, [0, 10, 20], [.. Enumerable.Repeat(Files.Chunk("zTXt", text), 10)]);

        Assert.Equal(["IHDR", "IDAT", "IEND"], Files.ChunkTypes(PngFile.Trim(png, ImageLimits.Default).ToArray()));
        Assert.Equal([10, 10, 10, 20, 20, 20], Pictures.Decode(png).Pixels);
    }

    [Fact]
    public void Decode_ProfileThatInflatesAThousandfold_IsTooLarge()
    {
        var png = Files.Png(1, 1, 8, 2, [0, 1, 2, 3], Files.Chunk("iCCP", [.. "profile\0\0"u8, .. Bomb]));

        var refusal = Assert.Throws<ImageException>(() => Pictures.Decode(png));

        Assert.Equal(ImageProblem.TooLarge, refusal.Problem);
        Assert.Contains("colour profile", refusal.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(new byte[] { 1, 2, 3 })]
    [InlineData(new byte[] { (byte)'p', 0, 0, 1, 2, 3, 4 })]
    [InlineData(new byte[] { })]
    public void Decode_MalformedProfile_IsIgnored(byte[] profile) => Assert.Equal(
        [1, 2, 3], Pictures.Decode(Files.Png(1, 1, 8, 2, [0, 1, 2, 3], Files.Chunk("iCCP", profile))).Pixels);

    [Fact]
    public void Decode_ProfileThatIsNone_IsIgnored()
    {
        var png = Files.Png(1, 1, 8, 2, [0, 1, 2, 3], Files.Chunk("iCCP", [.. "p\0\0"u8, .. Files.Deflate(new byte[500])]));
        Assert.Equal([1, 2, 3], Pictures.Decode(png).Pixels);
    }
}

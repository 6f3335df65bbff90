using System.Buffers.Binary;
using Imagic.TestKit.Fuzz;

namespace Imagic.Imaging.Tests;

public class ImageLimitsTests
{
    private static readonly ImageLimits Small = new() { MaxPixels = 1000, MaxSide = 100, MaxAspect = 4, MaxBytes = 10_000 };

    [Theory]
    [InlineData(40, 25, null)]
    [InlineData(40, 26, "1,040 pixels; at most 1,000")]
    [InlineData(101, 1, "may have at most 100")]
    [InlineData(81, 20, "at most 1,000")]
    [InlineData(61, 15, "4 times the shorter")]
    public void Decode_Size_IsCheckedAgainstEveryLimit(int width, int height, string? refusal)
    {
        var png = ImageCodec.Encode(RgbImage.Filled(width, height, 9, 9, 9), ImageFormat.Png);
        var exception = Record.Exception(() => ImageCodec.Decode(png, Small));
        if (refusal is null)
            Assert.Null(exception);
        else
            AssertTooLarge(exception, refusal);
    }

    [Fact]
    public void Decode_LongFile_IsRefusedBeforeItIsRead() =>
        AssertTooLarge(Record.Exception(() => ImageCodec.Decode(new byte[10_001], Small)), "10,001 bytes");

    [Theory]
    [InlineData(ImageFormat.Png, 40, 25, 10_000, null)]
    [InlineData(ImageFormat.Png, 40, 26, 100, "1,040 pixels; at most 1,000")]
    [InlineData(ImageFormat.Png, 40, 25, 5_000_000_000, "5,000,000,000 bytes")]
    public void Check_Header_RefusesWhatTheCodecWould(ImageFormat format, int width, int height, long bytes, string? refusal)
    {
        var exception = Record.Exception(() => Small.Check(new(format, width, height, 1, 3, false), bytes));
        if (refusal is null)
            Assert.Null(exception);
        else
            AssertTooLarge(exception, refusal);
    }

    [Fact]
    public void Decode_PngOfAFewBytesThatDeclaresAGigapixel_IsTooLarge() =>
        AssertTooLarge(Record.Exception(() => Pictures.Decode(Files.Png(32_000, 32_000, 8, 6, new byte[100]))), "32000 x 32000");

    [Fact]
    public void Decode_GifWithAGiantCanvas_IsTooLarge()
    {
        var gif = (byte[])[.. FuzzSeeds.All["animated.gif"]];
        BinaryPrimitives.WriteUInt32LittleEndian(gif.AsSpan(6), uint.MaxValue);
        AssertTooLarge(Record.Exception(() => Pictures.Decode(gif)), "65535 x 65535");
    }

    /// <summary>The decoder enlarges the canvas to its frames, so the header alone does not tell the size.</summary>
    [Fact]
    public void Decode_GifWithAFrameBeyondItsCanvas_IsTooLarge()
    {
        var gif = (byte[])[.. FuzzSeeds.All["animated.gif"]];
        var frame = gif.AsSpan().IndexOf((ReadOnlySpan<byte>)[0x2C, 0, 0, 0, 0, 32, 0, 24, 0]);
        BinaryPrimitives.WriteUInt32LittleEndian(gif.AsSpan(frame + 5), uint.MaxValue);
        AssertTooLarge(Record.Exception(() => Pictures.Decode(gif)), "65535 x 65535");
    }

    [Fact]
    public void Decode_WebPWithAGiantCanvas_IsTooLarge()
    {
        var webP = (byte[])[.. FuzzSeeds.All["animated.webp"]];
        Assert.Equal("VP8X"u8, webP.AsSpan(12, 4));
        webP.AsSpan(24, 6).Fill(0xFF);
        AssertTooLarge(Record.Exception(() => Pictures.Decode(webP)), "16777216 x 16777216");
    }

    [Fact]
    public void Decode_JpegOfCountlessScans_IsTooLarge()
    {
        var jpeg = FuzzSeeds.All["turned-progressive.jpg"];
        var scan = jpeg.AsSpan(jpeg.AsSpan().LastIndexOf((ReadOnlySpan<byte>)[0xFF, 0xDA]))[..^2].ToArray();
        byte[] bomb = [.. jpeg[..^2], .. Enumerable.Repeat(scan, 1000).SelectMany(bytes => bytes), 0xFF, 0xD9];
        AssertTooLarge(Record.Exception(() => Pictures.Decode(bomb)), "scans");
    }

    [Theory]
    [InlineData("plain.bmp", new byte[] { 40, 0, 0, 0 }, 4)]
    [InlineData("transparent-big-endian.tiff", new byte[] { 1, 0, 0, 3 }, 8)] // the entry of the tag ImageWidth
    public void Decode_HeaderThatDeclaresAGiantPicture_IsTooLarge(string name, byte[] before, int distance)
    {
        var file = (byte[])[.. FuzzSeeds.All[name]];
        var at = file.AsSpan().IndexOf(before) + distance;
        (file[at], file[at + 1]) = (0xFF, 0xFF);
        AssertTooLarge(Record.Exception(() => Pictures.Decode(file)), "65535 x 24");
    }

    private static void AssertTooLarge(Exception? exception, string says)
    {
        var refusal = Assert.IsType<ImageException>(exception);
        Assert.Equal(ImageProblem.TooLarge, refusal.Problem);
        Assert.Contains(says, refusal.Message, StringComparison.Ordinal);
    }
}

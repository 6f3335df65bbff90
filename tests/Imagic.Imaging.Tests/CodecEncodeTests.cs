using FsCheck;
using FsCheck.Fluent;

namespace Imagic.Imaging.Tests;

public class CodecEncodeTests
{
    
    [Fact]
    public void EncodePng_AnyPicture_ComesBackInEveryBit()
    {
        var pictures = from width in Gen.Choose(5, 70)
                       from height in Gen.Choose(5, 70)
                       from seed in Gen.Choose(0, int.MaxValue)
                       select Pictures.Noise(width, height, seed);
        Prop.ForAll(Arb.From(pictures), picture => Pictures.Decode(ImageCodec.Encode(picture, ImageFormat.Png)).Equals(picture))
            .Check(Config.QuickThrowOnFailure.WithMaxTest(100));
    }

    [Theory]
    [InlineData(ImageFormat.Jpeg, 4)]
    [InlineData(ImageFormat.WebP, 12)]
    public void Encode_Lossy_ComesBackNearlyTheSame(ImageFormat format, double difference)
    {
        var scene = Pictures.Scene(120, 80);
        Assert.InRange(Pictures.Difference(scene, Pictures.Decode(ImageCodec.Encode(scene, format))), 0.01, difference);
    }

    [Theory]
    [InlineData(ImageFormat.Jpeg)]
    [InlineData(ImageFormat.WebP)]
    public void Encode_HigherQuality_TakesMoreBytesAndLosesLess(ImageFormat format)
    {
        var scene = Pictures.Scene(120, 80);
        var (low, high) = (ImageCodec.Encode(scene, format, quality: 30), ImageCodec.Encode(scene, format, quality: 95));

        Assert.True(low.Length < high.Length);
        Assert.True(Pictures.Difference(scene, Pictures.Decode(low)) > Pictures.Difference(scene, Pictures.Decode(high)));
    }

    [Theory]
    [InlineData(ImageFormat.Png)]
    [InlineData(ImageFormat.Jpeg)]
    [InlineData(ImageFormat.WebP)]
    public void Encode_SamePicture_GivesTheSameBytes(ImageFormat format) => Assert.Equal(
        ImageCodec.Encode(Pictures.Scene(64, 64), format), ImageCodec.Encode(Pictures.Scene(64, 64), format));

    [Fact]
    public void EncodePng_Chunks_HoldNoMetadata() =>
        Assert.Equal(["IHDR", "IDAT", "IEND"], Files.ChunkTypes(ImageCodec.Encode(Pictures.Scene(8, 8), ImageFormat.Png)));

    [Theory]
    [InlineData("{}")]
    [InlineData("\u00e4\u0434\U0001f436 \"text\"")]
    [InlineData(null)]
    public void EncodePng_WithAText_CarriesItUncompressedAsUtf8_AndThePixelsStay(string? value)
    {
        value ??= new('x', 5000);
        var scene = Pictures.Scene(8, 8);

        var png = ImageCodec.Encode(scene, ImageFormat.Png, text: new("imagic", value));

        Assert.Equal(["IHDR", "iTXt", "IDAT", "IEND"], Files.ChunkTypes(png));
        byte[] content = [.. "imagic\0\0\0zxx\0\0"u8, .. System.Text.Encoding.UTF8.GetBytes(value)];
        Assert.Equal(Files.Chunk("iTXt", content), png[33..(33 + 12 + content.Length)]);
        Assert.Equal(ImageCodec.Encode(scene, ImageFormat.Png)[33..], png[(33 + 12 + content.Length)..]);
        Assert.Equal(scene, Pictures.Decode(png));
    }

    [Theory]
    [InlineData(ImageFormat.Gif, 90)]
    [InlineData(ImageFormat.Tiff, 90)]
    [InlineData(ImageFormat.Jpeg, 0)]
    [InlineData(ImageFormat.Jpeg, 101)]
    public void Encode_FormatOrQualityOutOfRange_IsRefused(ImageFormat format, int quality) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => ImageCodec.Encode(Pictures.Scene(8, 8), format, quality));

    [Fact]
    public void EncodeWebP_LargerThanTheFormatHolds_IsRefused() => Assert.ThrowsAny<InvalidOperationException>(
        () => ImageCodec.Encode(RgbImage.Filled(16_384, 2, 0, 0, 0), ImageFormat.WebP));
}

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

using FsCheck;
using FsCheck.Fluent;
using Imagic.TestKit.Fuzz;

namespace Imagic.Imaging.Tests;

public class ImageHeaderTests
{
    [Theory]
    [InlineData("animated.gif", ImageFormat.Gif, 32, 24, 1, 3, false)]
    [InlineData("animated.webp", ImageFormat.WebP, 32, 24, 1, 3, false)]
    [InlineData("baseline.jpg", ImageFormat.Jpeg, 32, 24, 1, 3, false)]
    [InlineData("cmyk.jpg", ImageFormat.Jpeg, 32, 24, 1, 4, false)]
    [InlineData("display-p3.png", ImageFormat.Png, 32, 24, 1, 3, false)]
    [InlineData("interlaced-16-bit-transparent.png", ImageFormat.Png, 32, 24, 1, 4, true)]
    [InlineData("mirrored.webp", ImageFormat.WebP, 32, 24, 2, 3, false)]
    [InlineData("palette-transparent.png", ImageFormat.Png, 32, 24, 1, 4, true)]
    [InlineData("plain.bmp", ImageFormat.Bmp, 32, 24, 1, 3, false)]
    [InlineData("run-length.bmp", ImageFormat.Bmp, 32, 24, 1, 3, false)]
    [InlineData("transparent-big-endian.tiff", ImageFormat.Tiff, 32, 24, 1, 4, true)]
    [InlineData("transparent-lossless.webp", ImageFormat.WebP, 32, 24, 1, 4, true)]
    [InlineData("turned-progressive.jpg", ImageFormat.Jpeg, 24, 32, 6, 3, false)]
    [InlineData("turned-deflate.tiff", ImageFormat.Tiff, 24, 32, 6, 3, false)]
    public void Read_EachFormat_SaysWhatTheFileHolds(
        string name, ImageFormat format, int width, int height, int orientation, int bands, bool hasAlpha)
    {
        var header = ImageHeader.Read(FuzzSeeds.All[name]);

        Assert.Equal(new ImageHeader(format, width, height, orientation, bands, hasAlpha), header);
        Assert.Equal((32, 24), (header.OrientedWidth, header.OrientedHeight));
    }

    [Fact]
    public void Read_BeginningOfALargeFile_IsEnough()
    {
        var picture = Pictures.Noise(600, 400, seed: 1);
        foreach (var format in (ImageFormat[])[ImageFormat.Jpeg, ImageFormat.Png, ImageFormat.WebP])
        {
            var header = ImageHeader.Read(ImageCodec.Encode(picture, format).AsSpan(0, 2048));
            Assert.Equal((format, 600, 400), (header.Format, header.Width, header.Height));
        }
    }

    [Theory]
    [InlineData("transparent-big-endian.tiff")]
    [InlineData("turned-deflate.tiff")]
    public void ReadTiff_StartAndDirectory_AreEnough(string name)
    {
        var file = FuzzSeeds.All[name].AsSpan();
        var offset = (int)ImageHeader.TiffDirectoryOffset(file)!;

        Assert.Equal(ImageHeader.Read(file), ImageHeader.ReadTiff(file[..8], file[offset..]));
    }

    [Theory]
    [InlineData("little", 8)]
    [InlineData("big", 3)]
    public void Read_ExifOfEitherByteOrder_GivesTheOrientation(string order, byte orientation)
    {
        byte[] exif = order == "big" ? Files.Exif(orientation) :
            [.. "II*\0"u8, 8, 0, 0, 0, 1, 0, 0x12, 0x01, 3, 0, 1, 0, 0, 0, orientation, 0, 0, 0, 0, 0, 0, 0];
        var png = Files.Png(1, 1, 8, 0, [0, 99], Files.Chunk("eXIf", exif));

        Assert.Equal(orientation, ImageHeader.Read(png).Orientation);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(9)]
    public void Read_ImpossibleOrientation_CountsAsNone(int orientation)
    {
        var jpeg = Files.WithOrientation(FuzzSeeds.All["baseline.jpg"], orientation);
        Assert.Equal(1, ImageHeader.Read(jpeg).Orientation);
    }

    /// <summary>Some writers store it in 32 bits.</summary>
    [Theory]
    [InlineData(new byte[] { (byte)'I', (byte)'I', 42, 0, 8, 0, 0, 0, 1, 0, 0x12, 0x01, 4, 0, 1, 0, 0, 0, 6, 0, 0, 0 })]
    [InlineData(new byte[] { (byte)'M', (byte)'M', 0, 42, 0, 0, 0, 8, 0, 1, 0x01, 0x12, 0, 4, 0, 0, 0, 1, 0, 0, 0, 6 })]
    public void Read_OrientationAsALongNumber_Counts(byte[] exif) =>
        Assert.Equal(6, ImageHeader.Read(Files.Png(1, 1, 8, 0, [0, 99], Files.Chunk("eXIf", exif))).Orientation);

    [Fact]
    public void Read_JpegOfTwoOrientations_TakesTheFirst() => Assert.Equal(
        6, ImageHeader.Read(Files.WithOrientation(Files.WithOrientation(FuzzSeeds.All["baseline.jpg"], 1), 6)).Orientation);

    [Fact]
    public void Read_SizeZero_IsCorrupt() =>
        Assert.Equal(ImageProblem.Corrupt, Assert.Throws<ImageException>(() => ImageHeader.Read(Files.Png(0, 5, 8, 0, []))).Problem);

    [Fact]
    public void Read_ShortenedFiles_GiveTheSizeOrAnImageException()
    {
        foreach (var (name, file) in FuzzSeeds.All)
        {
            for (var length = 0; length < file.Length; length++)
            {
                try
                {
                    var header = ImageHeader.Read(file.AsSpan(0, length));
                    Assert.Equal(32 + 24, header.Width + header.Height);
                }
                catch (ImageException e)
                {
                    Assert.True(e.Problem is ImageProblem.Corrupt or ImageProblem.NotAnImage or ImageProblem.UnsupportedFormat, $"{name}: {e.Problem}");
                }
            }
        }
    }

    [Fact]
    public void Read_AnyBytesBehindAnyMagic_GiveAHeaderOrAnImageException()
    {
        byte[][] magics = [[], .. FuzzSeeds.All.Values.Select(file => file[..12]), .. FuzzSeeds.All.Values.Select(file => file[..30])];
        var files = from magic in Gen.Elements(magics)
                    from tail in ArbMap.Default.GeneratorFor<byte[]>()
                    select (byte[])[.. magic, .. tail];
        Prop.ForAll(Arb.From(files), file =>
        {
            try
            {
                return ImageHeader.Read(file) is { Width: > 0, Height: > 0, Orientation: >= 1 and <= 8 };
            }
            catch (ImageException)
            {
                return true;
            }
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(5000));
    }
}

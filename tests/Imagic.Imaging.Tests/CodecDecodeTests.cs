using Imagic.TestKit.Fuzz;

namespace Imagic.Imaging.Tests;

public class CodecDecodeTests
{
    /// <summary>Colour conversion, rotation, first frame and transparency all come together in the same pixels; the bound
    /// leaves room for lossy coding only.</summary>
    [Theory]
    [InlineData("animated.gif", 0)]
    [InlineData("animated.webp", 0)]
    [InlineData("baseline.jpg", 1)]
    [InlineData("display-p3.png", 0.5)]
    [InlineData("interlaced-16-bit-transparent.png", 0)]
    [InlineData("mirrored.webp", 3)]
    [InlineData("palette-transparent.png", 0)]
    [InlineData("plain.bmp", 0)]
    [InlineData("run-length.bmp", 0)]
    [InlineData("transparent-big-endian.tiff", 0)]
    [InlineData("transparent-lossless.webp", 0)]
    [InlineData("turned-deflate.tiff", 0)]
    [InlineData("turned-progressive.jpg", 3)]
    public void Decode_EachFormatAndVariant_ShowsTheSamePicture(string name, double difference) =>
        Assert.InRange(Pictures.Difference(Pictures.Quarters(), Pictures.Decode(FuzzSeeds.All[name])), 0, difference);

    /// <summary>CMYK has no colours without its profile, and profiles of tables are not converted by.</summary>
    [Fact]
    public void Decode_Cmyk_ShowsNearlyTheSamePicture() =>
        Assert.InRange(Pictures.Difference(Pictures.Quarters(), Pictures.Decode(FuzzSeeds.All["cmyk.jpg"])), 0, 25);

    [Fact]
    public void Decode_Grey_RepeatsItInAllChannels() =>
        Assert.Equal([7, 7, 7, 200, 200, 200], Pictures.Decode(Files.Png(2, 1, 8, 0, [0, 7, 200])).Pixels);

    [Fact]
    public void Decode_Grey16Bits_KeepsTheUpperByte() =>
        Assert.Equal([7, 7, 7, 200, 200, 200], Pictures.Decode(Files.Png(2, 1, 16, 0, [0, 7, 7, 200, 200])).Pixels);

    [Fact]
    public void Decode_OneBit_IsBlackAndWhite() =>
        Assert.Equal([0, 0, 0, 255, 255, 255], Pictures.Decode(Files.Png(2, 1, 1, 0, [0, 0b0100_0000])).Pixels);

    [Theory]
    [InlineData(0, 255)]
    [InlineData(255, 100)]
    [InlineData(128, 177)] // 100 * 128/255 + 255 * 127/255 = 177.2
    public void Decode_Alpha_IsLaidOnWhite(byte alpha, byte expected) =>
        Assert.Equal([expected, expected, expected], Pictures.Decode(Files.Png(1, 1, 8, 6, [0, 100, 100, 100, alpha])).Pixels);

    [Fact]
    public void Decode_GreyAndAlpha16Bits_IsLaidOnWhite() =>
        Assert.Equal([177, 177, 177], Pictures.Decode(Files.Png(1, 1, 16, 4, [0, 100, 100, 128, 128])).Pixels);

    /// <summary>Never a picture that is grey from somewhere on: all of it or an error.</summary>
    [Fact]
    public void Decode_FileCutAnywhere_IsTheWholePictureOrAnImageException()
    {
        foreach (var (name, file) in FuzzSeeds.All)
        {
            var whole = Pictures.Decode(file);
            for (var length = 0; length < file.Length; length++)
            {
                try
                {
                    Assert.Equal(whole, Pictures.Decode(file[..length]));
                    Assert.True(length > file.Length - 100, $"{name} was decoded from its first {length} of {file.Length} bytes.");
                }
                catch (ImageException)
                {
                }
            }
        }
    }

    /// <summary>Phones append videos and depth maps, whose bytes look like anything.</summary>
    [Fact]
    public void Decode_JpegWithAVideoBehindIt_IsThePicture()
    {
        var jpeg = FuzzSeeds.All["turned-progressive.jpg"];
        byte[] scans = [.. Enumerable.Repeat((byte[])[0xFF, 0xDA], 1000).SelectMany(marker => marker)];

        Assert.Equal(Pictures.Decode(jpeg), Pictures.Decode([.. jpeg, .. scans, .. Pictures.Noise(500, 400, seed: 3).Pixels]));
    }

    [Fact]
    public void Decode_LargeFileCutInHalf_IsCorrupt()
    {
        foreach (var format in (ImageFormat[])[ImageFormat.Jpeg, ImageFormat.Png, ImageFormat.WebP])
        {
            var file = ImageCodec.Encode(Pictures.Noise(300, 200, seed: 2), format);
            var refusal = Assert.Throws<ImageException>(() => Pictures.Decode(file[..(file.Length / 2)]));
            Assert.Equal(ImageProblem.Corrupt, refusal.Problem);
            Assert.Contains(format.Name(), refusal.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Decode_DamagedPixels_IsCorruptAndNamesTheFormat()
    {
        var png = (byte[])[.. FuzzSeeds.All["display-p3.png"]];
        png[^30] ^= 0xFF;

        var refusal = Assert.Throws<ImageException>(() => Pictures.Decode(png));

        Assert.Equal(ImageProblem.Corrupt, refusal.Problem);
        Assert.Contains("PNG", refusal.Message, StringComparison.Ordinal);
        Assert.NotNull(refusal.InnerException); // the decoder's own words
    }

    [Fact]
    public void Decode_HeaderOfOneFormatContentOfAnother_IsRefused()
    {
        foreach (var (head, body) in FuzzSeeds.All.Values.SelectMany(head => FuzzSeeds.All.Values.Select(body => (head, body))))
        {
            if (ImageHeader.Read(head).Format != ImageHeader.Read(body).Format)
                Assert.Throws<ImageException>(() => Pictures.Decode([.. head[..12], .. body[12..]]));
        }
    }

    [Fact]
    public void Decode_OnManyThreads_GivesTheSamePictures()
    {
        var expected = FuzzSeeds.All.ToDictionary(seed => seed.Key, seed => Pictures.Decode(seed.Value));
        Parallel.For(0, 400, new ParallelOptions { MaxDegreeOfParallelism = 8 }, i =>
        {
            var (name, file) = FuzzSeeds.All.ElementAt(i % FuzzSeeds.All.Count);
            if (i % 3 == 0)
                Assert.ThrowsAny<ImageException>(() => Pictures.Decode(file[..(file.Length / 3)]));
            Assert.Equal(expected[name], Pictures.Decode(file));
        });
    }

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
    public void Decode_PngWithoutItsEnd_IsThePicture() =>
        Assert.Equal(Pictures.Quarters(), Pictures.Decode(FuzzSeeds.All["interlaced-16-bit-transparent.png"][..^12]));

    /// <summary>Its fourth byte is alpha only where a mask says so.</summary>
    [Fact]
    public void Decode_BmpOf32BitsWithoutMasks_IsOpaque()
    {
        byte[] bmp = [.. "BM"u8, 58, 0, 0, 0, 0, 0, 0, 0, 54, 0, 0, 0, 40, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1, 0, 32, 0, .. new byte[24], 30, 20, 10, 128];
        Assert.Equal([10, 20, 30], Pictures.Decode(bmp).Pixels);
    }

    [Fact]
    public void Decode_TiffThatTheLibraryDoesNotKnow_IsToldAsRare()
    {
        var cmyk = (byte[])[.. FuzzSeeds.All["transparent-big-endian.tiff"]];
        cmyk[cmyk.AsSpan().IndexOf((ReadOnlySpan<byte>)[1, 6, 0, 3, 0, 0, 0, 1]) + 9] = 5;
        var refusal = Assert.Throws<ImageException>(() => Pictures.Decode(cmyk));
        Assert.Equal((ImageProblem.UnsupportedFormat, true), (refusal.Problem, refusal.Message.Contains("Save it as", StringComparison.Ordinal)));
    }

    /// <summary>What the frame leaves of the screen is transparent.</summary>
    [Fact]
    public void Decode_GifWhoseFrameIsSmallerThanItsScreen_IsWhiteAroundIt()
    {
        byte[] gif = [.. "GIF89a"u8, 3, 0, 1, 0, 0x80, 0, 0, 0, 0, 0, 200, 10, 20, 0x2C, 1, 0, 0, 0, 1, 0, 1, 0, 0, 2, 2, 0x4C, 1, 0, 0x3B];
        Assert.Equal([255, 255, 255, 200, 10, 20, 255, 255, 255], Pictures.Decode(gif).Pixels);
    }
}

using System.Buffers.Binary;
using System.Diagnostics;
using Imagic.Imaging.Admission;
using Imagic.TestKit.Fuzz;

namespace Imagic.Imaging.Tests.Admission;

public class TrimmerTests
{
    private static byte[] Trim(byte[] file) => Trimmer.Trim(file, ImageHeader.Read(file), ImageLimits.Default).ToArray();

    [Fact]
    public void Trim_AnyFile_TakesNothingAwayTheSecondTime()
    {
        foreach (var file in FuzzSeeds.All.Values)
            Assert.Equal(Trim(file), Trim(Trim(file)));
    }

    /// <summary>libwebp looks up every frame from the first on: 100,000 of them took 32 s.</summary>
    [Fact]
    public void Decode_WebPOfAMillionFrames_ReadsTheFirstAlone()
    {
        var webP = FuzzSeeds.All["animated.webp"];
        var frame = webP.AsSpan(webP.AsSpan().LastIndexOf("ANMF"u8)).ToArray();
        byte[] bomb = [.. webP, .. Enumerable.Repeat(frame, 1_000_000).SelectMany(bytes => bytes)];
        BinaryPrimitives.WriteInt32LittleEndian(bomb.AsSpan(4), bomb.Length - 8);

        AssertSoon(() => Assert.Equal(Pictures.Quarters(), Pictures.Decode(bomb)));
        Assert.True(Trim(bomb).Length < webP.Length);
    }

    [Fact]
    public void Decode_GifOfAMillionFrames_ReadsTheFirstAlone()
    {
        var gif = FuzzSeeds.All["animated.gif"];
        byte[] frame = [0x2C, 0, 0, 0, 0, 1, 0, 1, 0, 0, 2, 2, 0x44, 1, 0];
        byte[] bomb = [.. gif[..^1], .. Enumerable.Repeat(frame, 1_000_000).SelectMany(bytes => bytes), 0x3B];

        AssertSoon(() => Assert.Equal(Pictures.Quarters(), Pictures.Decode(bomb)));
        Assert.True(Trim(bomb).Length < gif.Length);
    }

    [Fact]
    public void Decode_JpegOfAMillionComments_ReadsNone()
    {
        var jpeg = FuzzSeeds.All["baseline.jpg"];
        byte[] comment = [0xFF, 0xFE, 0, 3, (byte)'x'];
        byte[] bomb = [.. jpeg[..2], .. Enumerable.Repeat(comment, 1_000_000).SelectMany(bytes => bytes), .. jpeg[2..]];

        AssertSoon(() => Assert.Equal(Pictures.Decode(jpeg), Pictures.Decode(bomb)));
        Assert.Equal(jpeg, Trim(bomb));
    }

    [Fact]
    public void Trim_JpegWithOrientation_DropsIt()
    {
        var jpeg = FuzzSeeds.All["baseline.jpg"];
        Assert.Equal(jpeg, Trim(Files.WithOrientation(jpeg, 6)));
    }

    /// <summary>The second directory of this file is the first again, for ever.</summary>
    [Fact]
    public void Trim_TiffOfManyPages_KeepsTheFirst()
    {
        var tiff = FuzzSeeds.All["transparent-big-endian.tiff"];

        Assert.NotEqual([0, 0, 0, 0], tiff[^4..]);
        Assert.Equal([0, 0, 0, 0], Trim(tiff)[^4..]);
    }

    [Theory]
    [InlineData(0u)]
    [InlineData(5u)]
    [InlineData(uint.MaxValue - 1)]
    public void Decode_WebPWithAWrongRiffLength_IsThePicture(uint length)
    {
        var webP = (byte[])[.. FuzzSeeds.All["transparent-lossless.webp"]];
        BinaryPrimitives.WriteUInt32LittleEndian(webP.AsSpan(4), length);
        Assert.Equal(Pictures.Quarters(), Pictures.Decode(webP));
    }

    private static void AssertSoon(Action action)
    {
        var started = Stopwatch.GetTimestamp();
        action();
        Assert.InRange(Stopwatch.GetElapsedTime(started).TotalSeconds, 0, 10);
    }
}

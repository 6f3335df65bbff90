using System.Buffers.Binary;

namespace Imagic.Imaging.Tests;

/// <summary>What becomes of colours that are not sRGB, and what is said when nothing can be done about them.</summary>
public class ColourProfileTests
{
    [Fact]
    public void Decode_ProfileOfTables_IsNotAppliedAndSaysSo()
    {
        var (image, notices) = Decode(Files.Chunk("iCCP", [.. "tables\0\0"u8, .. Files.Deflate(Icc("RGB ", "Lab "))]));

        Assert.Equal([120, 180, 240], image.Row(0)[..3].ToArray());
        Assert.Contains("colours may be off", Assert.Single(notices), StringComparison.Ordinal);
    }

    [Fact]
    public void Decode_BytesThatAreNoProfile_AreIgnoredWithoutAWord()
    {
        var (image, notices) = Decode(Files.Chunk("iCCP", [.. "none\0\0"u8, .. Files.Deflate(new byte[200])]));

        Assert.Equal([120, 180, 240], image.Row(0)[..3].ToArray());
        Assert.Empty(notices);
    }

    [Theory]
    [InlineData(12, 13, false)] // Display P3
    [InlineData(1, 13, true)] // sRGB itself
    [InlineData(9, 16, true)] // PQ, which is told
    public void Decode_CodePoints_AreConvertedWhereTheyCanBe(byte primaries, byte transfer, bool isSame)
    {
        var (image, notices) = Decode(Files.Chunk("cICP", [primaries, transfer, 0, 1]));

        Assert.Equal(isSame, image.Row(0)[..3].SequenceEqual((byte[])[120, 180, 240]));
        Assert.Equal(transfer == 16 ? 1 : 0, notices.Count);
    }

    [Fact]
    public void Decode_GammaBesideSrgb_DoesNotCount()
    {
        var gamma = Files.Chunk("gAMA", [0, 1, 0x86, 0xA0]);

        Assert.NotEqual([120, 180, 240], Decode(gamma).Image.Row(0)[..3].ToArray());
        Assert.Equal([120, 180, 240], Decode(gamma, Files.Chunk("sRGB", [0])).Image.Row(0)[..3].ToArray());
    }

    // Of 0 and what no number may be divided by.
    [Fact]
    public void Decode_ChromaticitiesThatSpanNothing_AreLeftOut()
    {
        var (image, notices) = Decode(Files.Chunk("gAMA", [0, 1, 0x86, 0xA0]), Files.Chunk("cHRM", new byte[32]));

        Assert.NotEqual([120, 180, 240], image.Row(0)[..3].ToArray());
        Assert.Empty(notices);
    }

    private static (RgbImage Image, List<string> Notices) Decode(params byte[][] chunks)
    {
        var notices = new List<string>();
        var png = Files.Png(2, 1, 8, 2, [0, 120, 180, 240, 120, 180, 240], chunks);
        return (ImageCodec.Decode(png, ImageLimits.Default, notices.Add), notices);
    }

    private static byte[] Icc(string samples, string connection)
    {
        var icc = new byte[132];
        BinaryPrimitives.WriteInt32BigEndian(icc, icc.Length);
        System.Text.Encoding.ASCII.GetBytes(samples, icc.AsSpan(16));
        System.Text.Encoding.ASCII.GetBytes(connection, icc.AsSpan(20));
        "acsp"u8.CopyTo(icc.AsSpan(36));
        return icc;
    }
}

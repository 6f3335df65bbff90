using System.Text;

namespace Imagic.Imaging.Tests.Admission;

public class FormatSnifferTests
{
    public static TheoryData<string, string> RefusedFormats => new()
    {
        { "II+\0\u0008\0\0\0", "BigTIFF" },
        { "MM\0+\0\u0008\0\0", "BigTIFF" },
        { "II*\0\u0010\0\0\0CR\u0002\0", "a camera's raw file" },
        { "FUJIFILMCCD-RAW ", "a camera's raw file" },
        { "\0\0\0\u001cftypheic\0\0\0\0mif1heic", "HEIC" },
        { "\0\0\0\u001cftypmif1\0\0\0\0mif1avif", "AVIF" },
        { "\0\0\0\u0018ftypcrx \u0001\0\0\0crx isom", "a camera's raw file" },
        { "\0\0\0\u000CjP  \r\n", "JPEG 2000" },
        { "%PDF-1.7\n", "PDF" },
        { "8BPS\0\u0001", "Photoshop" },
        { "<svg xmlns='http://www.w3.org/2000/svg'/>", "SVG" },
        { "\uFEFF<?xml version='1.0'?>\n<!-- x --><svg/>", "SVG" },
        { "\0\0\0\u000CJXL \r\n", "JPEG XL" },
        { "\0\0\0\u0018ftypisom\0\0\0\0isomiso2", "video" },
    };

    [Theory]
    [MemberData(nameof(RefusedFormats))]
    public void Decode_FormatNotAccepted_IsRefusedByName(string start, string name)
    {
        var refusal = Assert.Throws<ImageException>(() => Pictures.Decode([.. Encoding.UTF8.GetBytes(start), .. new byte[100]]));

        Assert.Equal(ImageProblem.UnsupportedFormat, refusal.Problem);
        Assert.Contains(name, refusal.Message, StringComparison.Ordinal);
        Assert.Contains("Save it as JPEG or PNG", refusal.Message, StringComparison.Ordinal);
        Assert.Null(refusal.InnerException); // no decoder saw it
    }

    [Theory]
    [InlineData("")]
    [InlineData("x")]
    [InlineData("<html><body>Not found</body></html>")]
    [InlineData("RIFF\u0010\0\0\0WAVEfmt ")]
    [InlineData("\0\0\0\0\0\0\0\0\0\0\0\0")]
    public void Decode_NoPicture_IsToldWhatIsAccepted(string content)
    {
        var refusal = Assert.Throws<ImageException>(() => Pictures.Decode(Encoding.UTF8.GetBytes(content)));

        Assert.Equal(ImageProblem.NotAnImage, refusal.Problem);
        Assert.Contains("Send a JPEG, PNG, WebP, GIF, BMP or TIFF.", refusal.Message, StringComparison.Ordinal);
    }

    /// <summary>A digital negative, whose first directory holds a thumbnail.</summary>
    [Fact]
    public void Decode_TiffThatIsAThumbnail_IsACamerasRawFile()
    {
        byte[] dng = [.. "II*\0"u8, 8, 0, 0, 0, 1, 0, 0xFE, 0, 4, 0, 1, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0];
        Assert.Contains("a camera's raw file", Assert.Throws<ImageException>(() => Pictures.Decode(dng)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Decode_ApplesPng_IsRefusedByName()
    {
        byte[] png = [.. Imaging.Admission.PngFile.Signature, .. Files.Chunk("CgBI", [0x50, 0, 0x20, 6]), .. Files.Png(1, 1, 8, 0, [0, 9])[8..]];
        Assert.Contains("Apple's own form", Assert.Throws<ImageException>(() => Pictures.Decode(png)).Message, StringComparison.Ordinal);
    }
}

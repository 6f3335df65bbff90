using System.Text;

namespace Imagic.Imaging.Tests.Headers;

public class FormatSnifferTests
{
    public static TheoryData<string, string> RefusedFormats => new()
    {
        { "II*\0\u0008\0\0\0", "TIFF" },
        { "MM\0*\0\0\0\u0008", "TIFF" },
        { "BM\0\0\0\0\0\0", "BMP" },
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
        Assert.Contains("Send a JPEG", refusal.Message, StringComparison.Ordinal);
        Assert.Null(refusal.InnerException); // no decoder saw it
    }

    [Theory]
    [InlineData("")]
    [InlineData("x")]
    [InlineData("<html><body>Not found</body></html>")]
    [InlineData("RIFF\u0010\0\0\0WAVEfmt ")]
    [InlineData("\0\0\0\0\0\0\0\0\0\0\0\0")]
    public void Decode_NoPicture_IsNotAnImage(string content) => Assert.Equal(ImageProblem.NotAnImage,
        Assert.Throws<ImageException>(() => Pictures.Decode(Encoding.UTF8.GetBytes(content))).Problem);

    [Fact]
    public void Decode_Heic_SaysWhatToDo()
    {
        var heic = (byte[])[.. Imaging.Fuzz.FuzzSeeds.All["plain.avif"]];
        "heic"u8.CopyTo(heic.AsSpan(8));
        "heic"u8.CopyTo(heic.AsSpan(20));

        Assert.Equal((ImageFormat.Heif, 32, 24), (ImageHeader.Read(heic).Format, ImageHeader.Read(heic).Width, ImageHeader.Read(heic).Height));
        var refusal = Assert.Throws<ImageException>(() => Pictures.Decode(heic));
        Assert.Equal(ImageProblem.UnsupportedFormat, refusal.Problem);
        Assert.Contains("Export it as JPEG", refusal.Message, StringComparison.Ordinal);
    }
}

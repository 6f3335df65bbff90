using Imagic.Imaging.Vips;

namespace Imagic.Imaging.Tests.Vips;

public class LibVipsTests
{
    [Fact]
    public void Load_LibraryNotThere_SaysWhatToRun()
    {
        var failure = Assert.Throws<DllNotFoundException>(() => LibVips.Load(Path.Combine(AppContext.BaseDirectory, "no-such-folder")));
        Assert.Contains("./imagic setup", failure.Message, StringComparison.Ordinal);
    }

    /// <summary>Only five loaders and three savers stay open, and none that takes a file name.</summary>
    [Theory]
    [InlineData("svgload_buffer")]
    [InlineData("tiffload_buffer")]
    [InlineData("jpegload")]
    [InlineData("vipssave")]
    public void Operation_NotNeeded_IsBlocked(string name)
    {
        var operation = new VipsOperation(name);
        Assert.ThrowsAny<Exception>(() => operation.Set("filename", "/dev/null").ToImage());
    }
}

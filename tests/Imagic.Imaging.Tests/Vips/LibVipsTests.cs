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

    /// <summary>Only five loaders stay open, and none that takes a file name.</summary>
    [Theory]
    [InlineData("pngload")]
    [InlineData("svgload")]
    [InlineData("tiffload")]
    [InlineData("vipsload")]
    public void Operation_NotNeeded_IsBlocked(string name)
    {
        var file = Path.Combine(AppContext.BaseDirectory, "resize_in.png");
        var failure = Assert.Throws<VipsException>(() => new VipsOperation(name).Set("filename", file).ToImage());
        Assert.Contains("blocked", failure.Message, StringComparison.Ordinal);
    }
}

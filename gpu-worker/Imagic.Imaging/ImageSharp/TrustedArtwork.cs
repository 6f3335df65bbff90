namespace Imagic.Imaging;

/// <summary>ImageSharp draws no SVG; the data set is built with the default packages.</summary>
public static partial class TrustedArtwork
{
    const string Absent = "This build has no SVG renderer. Build without -p:Packages=Card to make the data set.";

    public static partial RgbaImage RenderSvg(ReadOnlySpan<byte> svg) => throw new NotSupportedException(Absent);

    public static partial RgbaImage DecodeWebP(ReadOnlySpan<byte> encoded) => throw new NotSupportedException(Absent);
}

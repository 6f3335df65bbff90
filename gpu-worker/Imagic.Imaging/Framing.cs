namespace Imagic.Imaging;

/// <summary>How a source picture is brought to a size a model can work at, and an edit back to the source's. Nothing is
/// cropped or padded: both sides are scaled to the nearest multiple the model accepts, so the aspect may change by
/// half a multiple, and changes back.</summary>
/// <param name="SourceWidth">Pixels per row of the upright source.</param>
/// <param name="SourceHeight">Rows of the upright source.</param>
/// <param name="Width">Pixels per row the model works at.</param>
/// <param name="Height">Rows the model works at.</param>
public sealed record Framing(int SourceWidth, int SourceHeight, int Width, int Height)
{
    /// <summary>The size whose area comes nearest to side², so that time and memory do not depend on the aspect.</summary>
    /// <param name="side">The side of the square the model was trained on, in pixels, such as 512.</param>
    /// <param name="multiple">What both sides must be divisible by: 8 for a VAE with 3 halvings, 64 where the UNet's
    /// halvings must come out even too.</param>
    public static Framing Fit(int sourceWidth, int sourceHeight, int side, int multiple)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(sourceWidth);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(sourceHeight);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(side);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(multiple);
        var scale = side / Math.Sqrt((double)sourceWidth * sourceHeight);
        return new Framing(sourceWidth, sourceHeight, Round(sourceWidth * scale), Round(sourceHeight * scale));

        int Round(double pixels) => Math.Max((int)Math.Round(pixels / multiple, MidpointRounding.AwayFromZero), 1) * multiple;
    }

    /// <summary>The source at the model's size.</summary>
    public RgbImage ToModel(RgbImage source) => Lanczos.Resize(source, Width, Height);

    /// <summary>An edit at the source's size.</summary>
    public RgbImage ToSource(RgbImage edited) => Lanczos.Resize(edited, SourceWidth, SourceHeight);
}

namespace Imagic.Imaging;

/// <summary>Resizing with cubic splines, Pillow's <c>BICUBIC</c>.</summary>
public static class Bicubic
{
    // Keys' parameter.
    private const double A = -0.5;

    private static readonly Resampling Filter = new(radius: 2, Window);

    /// <summary>Resizes to width × height, whatever the aspect.</summary>
    public static RgbImage Resize(RgbImage image, int width, int height) => Filter.Resize(image, width, height);

    private static double Window(double x) => Math.Abs(x) switch
    {
        < 1 and var near => (((((A + 2) * near) - (A + 3)) * near) * near) + 1,
        < 2 and var far => ((((far - 5) * far) + 8) * far - 4) * A,
        _ => 0,
    };
}

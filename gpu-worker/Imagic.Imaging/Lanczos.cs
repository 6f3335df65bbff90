namespace Imagic.Imaging;

/// <summary>Resizing with the Lanczos window of radius 3, Pillow's <c>LANCZOS</c>.</summary>
public static class Lanczos
{
    private const double Radius = 3;

    private static readonly Resampling Filter = new(Radius, Window);

    /// <summary>Resizes to width × height, whatever the aspect.</summary>
    public static RgbImage Resize(RgbImage image, int width, int height) => Filter.Resize(image, width, height);

    private static double Window(double x) => x is >= -Radius and < Radius ? Sinc(x) * Sinc(x / Radius) : 0;

    private static double Sinc(double x) => x == 0 ? 1 : Math.Sin(x * Math.PI) / (x * Math.PI);
}

using System.CommandLine;
using Imagic.Imaging;
using Spectre.Console;

namespace Imagic.Cli.Pictures;

/// <summary>Shows a picture between the lines of a terminal that says that it can; elsewhere nothing.</summary>
internal static class TerminalPicture
{
    // Sizes in pixels are not known: a cell is taken for 10x20, and screens with small pixels get twice as many where the terminal scales.
    private const int CellWidth = 10;
    private const int SharpCellWidth = 20;
    private const int FewestColumns = 20;
    private const int MostColumns = 48;

    // What stands above the picture should stay on the screen.
    private const int LinesBeside = 7;

    /// <summary><c>--no-pictures</c>.</summary>
    public static Option<bool> SwitchOff() => new("--no-pictures") { Description = "Show no picture in the terminal" };

    /// <summary>Shows a file. One that cannot be read is not shown: its path was told.</summary>
    public static void Show(IAnsiConsole console, string file)
    {
        if (Console.IsOutputRedirected || PictureProtocols.Detect(Environment.GetEnvironmentVariable) is not { } protocol) return;
        try
        {
            var picture = ImageCodec.Decode(File.ReadAllBytes(file), ImageLimits.Default);
            Terminal.WritePicture(Sequences(protocol, picture, console.Profile.Width, console.Profile.Height));
        }
        catch (Exception exception) when (exception is ImageException or IOException)
        {
        }
    }

    /// <summary>The escape sequences that show a picture.</summary>
    /// <param name="protocol">What the terminal understands.</param>
    /// <param name="picture">The picture.</param>
    /// <param name="width">Columns of the terminal.</param>
    /// <param name="height">Its lines.</param>
    public static string Sequences(PictureProtocol protocol, RgbImage picture, int width, int height)
    {
        var columns = Columns(picture, width, height);
        return protocol switch
        {
            PictureProtocol.Kitty => KittyGraphics.Encode(Png(picture, columns), columns),
            PictureProtocol.ITerm => ITermImage.Encode(Png(picture, columns), columns),
            _ => Sixel.Encode(Resized(picture, columns * CellWidth)),
        };
    }

    /// <summary>How wide a picture is shown: so that all of it fits on the screen.</summary>
    public static int Columns(RgbImage picture, int width, int height)
    {
        var natural = Math.Clamp((picture.Width + CellWidth - 1) / CellWidth, FewestColumns, MostColumns);
        // A cell is twice as high as it is wide.
        var ofHeight = 2L * Math.Max(1, height - LinesBeside) * picture.Width / picture.Height;
        return (int)Math.Max(1, Math.Min(Math.Min(natural, width - 1), ofHeight));
    }

    private static byte[] Png(RgbImage picture, int columns) =>
        ImageCodec.Encode(picture.Width <= columns * SharpCellWidth ? picture : Resized(picture, columns * SharpCellWidth), ImageFormat.Png);

    private static RgbImage Resized(RgbImage picture, int width) =>
        Lanczos.Resize(picture, width, Math.Max(1, (int)((long)picture.Height * width / picture.Width)));
}

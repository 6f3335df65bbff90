using System.Globalization;

namespace Imagic.Cli.Pictures;

/// <summary>iTerm2's inline images (iterm2.com/documentation-images.html).</summary>
internal static class ITermImage
{
    /// <summary>Shows a file at the cursor, scaled to so many columns.</summary>
    public static string Encode(byte[] file, int columns) => string.Create(
        CultureInfo.InvariantCulture,
        $"\e]1337;File=inline=1;size={file.Length};width={columns};height=auto;preserveAspectRatio=1:{Convert.ToBase64String(file)}\a");
}

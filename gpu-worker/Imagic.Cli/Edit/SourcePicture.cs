using System.Security.Cryptography;
using Imagic.Diffusion.Packages;
using Imagic.Imaging;

namespace Imagic.Cli.Edit;

/// <summary>The picture to edit, as it came and at the model's working size.</summary>
internal sealed record SourcePicture(string File, string Sha256, RgbImage Original, RgbImage Working)
{
    /// <summary>Reads, checks and resizes a picture; nothing is cropped.</summary>
    /// <exception cref="BadInputException">There is no such file, or the size does not fit the model.</exception>
    /// <exception cref="ImageException">It is no picture that can be edited.</exception>
    public static SourcePicture Read(string file, ModelPackage package, (int Width, int Height)? size)
    {
        if (!System.IO.File.Exists(file)) throw new BadInputException($"There is no picture '{file}'.");
        if (new FileInfo(file).Length > ImageLimits.Default.MaxBytes)
            throw new BadInputException($"'{file}' is larger than {ImageLimits.Default.MaxBytes >> 20} MiB; send a smaller or more compressed picture.");
        var bytes = System.IO.File.ReadAllBytes(file);
        var original = ImageCodec.Default.Decode(bytes, ImageLimits.Default);
        var (side, multiple) = package.ReadGeometry();
        var framing = size is { } asked
            ? new Framing(original.Width, original.Height, asked.Width, asked.Height)
            : Framing.Fit(original.Width, original.Height, side, multiple);
        if (framing.Width % multiple != 0 || framing.Height % multiple != 0)
            throw new BadInputException($"The working size {framing.Width}x{framing.Height} does not fit the model: both sides must be multiples of {multiple}.");
        return new(Path.GetFileName(file), Convert.ToHexStringLower(SHA256.HashData(bytes)), original, framing.ToModel(original));
    }
}

using Imagic.Contracts.Edits;
using Imagic.Contracts.Settings;
using Imagic.Diffusion.Packages;
using Imagic.Imaging;
using Imagic.Marks.Credentials;

namespace Imagic.Worker.Results;

/// <summary>The picture to edit, as it came and at the model's working size.</summary>
public sealed record SourceImage(string File, string Sha256, RgbImage Original, RgbImage Working)
{
    /// <summary>Working size that was asked for; null where it is the model's own.</summary>
    public WorkingSize? Size { get; init; }

    /// <summary>What its results tell of it, with the Content Credentials that it has itself.</summary>
    public required CredentialsSource Credentials { get; init; }

    /// <summary>What whoever sent it should know, in sentences.</summary>
    public IReadOnlyList<string> Notices { get; init; } = [];

    /// <summary>Reads, checks and resizes the picture in a file.</summary>
    /// <exception cref="BadInputException">There is no such file, or the size does not fit the model.</exception>
    /// <exception cref="ImageException">It is no picture that can be edited.</exception>
    public static SourceImage Read(string file, ModelPackage package, WorkingSize? size)
    {
        if (!System.IO.File.Exists(file)) throw new BadInputException($"There is no picture '{file}'.");
        if (new FileInfo(file).Length > ImageLimits.Default.MaxBytes)
            throw new BadInputException($"'{file}' is larger than {ImageLimits.Default.MaxBytes >> 20} MiB; send a smaller or more compressed picture.");
        return Read(Path.GetFileName(file), System.IO.File.ReadAllBytes(file), package, size);
    }

    /// <summary>Checks and resizes a picture; nothing is cropped.</summary>
    /// <param name="name">File name for people.</param>
    /// <param name="bytes">The file.</param>
    /// <param name="package">The model that is going to edit it.</param>
    /// <param name="size">Working size; null takes the model's own with the picture's aspect.</param>
    /// <exception cref="BadInputException">The size does not fit the model.</exception>
    /// <exception cref="EditSettingsException">The size is too large for the model.</exception>
    /// <exception cref="ImageException">It is no picture that can be edited.</exception>
    public static SourceImage Read(string name, byte[] bytes, ModelPackage package, WorkingSize? size)
    {
        var notices = new List<string>();
        var original = ImageCodec.Decode(bytes, ImageLimits.Default, notices.Add);
        var (side, multiple) = package.ReadGeometry();
        size?.CheckFor(side);
        var framing = size is not null
            ? new Framing(original.Width, original.Height, size.Width, size.Height)
            : Framing.Fit(original.Width, original.Height, side, multiple);
        if (framing.Width % multiple != 0 || framing.Height % multiple != 0)
            throw new BadInputException($"The working size {framing.Width}x{framing.Height} does not fit the model: both sides must be multiples of {multiple}.");
        var credentials = CredentialsSource.Of(name, bytes);
        if (credentials.Notice is { } notice) notices.Add(notice);
        return new(name, credentials.Sha256, original, framing.ToModel(original)) { Size = size, Credentials = credentials, Notices = notices };
    }
}

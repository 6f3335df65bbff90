using Imagic.Imaging;
using Imagic.Lab.DataSet;
using Imagic.TestKit.Watermark;

namespace Imagic.Lab.Marks;

/// <summary>What the watermark is measured on: emoji of the data set, photographs of a folder, and pictures made on the spot.</summary>
internal sealed class MarkedPictures(DataSetReader emoji, string? photoFolder)
{
    private readonly IReadOnlyList<RgbImage> _photos = photoFolder is null ? [] :
    [
        .. Directory.EnumerateFiles(photoFolder).Order(StringComparer.Ordinal)
            .Select(file => ImageCodec.Decode(File.ReadAllBytes(file), ImageLimits.Default)),
    ];

    public string Describe() =>
        $"{emoji.Items.Count:N0} drawings of emoji, {_photos.Count} photographs{(_photos.Count == 0 ? " (pictures made on the spot instead)" : "")}, pictures made on the spot.";

    /// <summary>Squares to be marked, the same in every run: as many photographs as drawings, which are enlarged beyond their own size.</summary>
    public IEnumerable<RgbImage> OfSide(int side, int count)
    {
        for (var i = 0; i < count; i++) yield return _photos.Count == 0 ? TestPictures.Photograph(side, side, i + 1) : Square(_photos[i % _photos.Count], side);
        for (var i = 0; i < count; i++) yield return Lanczos.Resize(Emoji(i), side, side);
    }

    /// <summary>Unmarked ones by kind. The photographs are few: what is counted are different parts and sizes of them.</summary>
    public IEnumerable<(string Kind, IEnumerable<RgbImage> Pictures)> Unmarked(int count)
    {
        yield return ("drawings of emoji, 64 × 64", Enumerable.Range(0, count / 2).Select(Emoji));
        yield return ("drawings of emoji, enlarged to 160 and 256", Enumerable.Range(0, count / 12).Select(i => Lanczos.Resize(Emoji(i * 7 + 3), i % 2 == 0 ? 160 : 256, 256)));
        if (_photos.Count > 0) yield return ("parts of photographs, 96 to 384 wide, reduced up to 4 times", Enumerable.Range(0, count / 4).Select(Part));
        yield return ("the same after JPEG at 50 to 95", Enumerable.Range(0, count / 12).Select(i => Jpeg(_photos.Count > 0 ? Part(i + count) : TestPictures.Photograph(200, 160, i + 1), 50 + i * 5 % 50)));
        yield return ("made on the spot: leaves, 128 to 320", Enumerable.Range(0, count / 12).Select(i => TestPictures.Photograph(128 + i % 193, 128 + i * 7 % 193, 1000 + i)));
        yield return ("noise, 64 to 256", Enumerable.Range(0, count / 24).Select(i => TestPictures.Noise(64 + i % 193, 64 + i * 5 % 193, i)));
        yield return ("gratings and chequers, of periods 2 to 64", Enumerable.Range(0, count / 24).Select(Grating));
    }

    private RgbImage Emoji(int index)
    {
        var random = new Random(index);
        var background = index % 2 == 0 ? Background.White : new Background("", (byte)random.Next(256), (byte)random.Next(256), (byte)random.Next(256));
        return emoji.Picture((int)((long)index * 7919 % emoji.Items.Count), background);
    }

    private RgbImage Part(int index)
    {
        var random = new Random(index);
        var photo = _photos[index % _photos.Count];
        var (reduced, width, height) = (1 + random.NextDouble() * 3, random.Next(96, 385), random.Next(96, 385));
        var (w, h) = (Math.Min((int)(width * reduced), photo.Width), Math.Min((int)(height * reduced), photo.Height));
        return Lanczos.Resize(Attack.Crop(photo, random.Next(photo.Width - w + 1), random.Next(photo.Height - h + 1), w, h), width, height);
    }

    private static RgbImage Square(RgbImage photo, int side)
    {
        var shorter = Math.Min(photo.Width, photo.Height);
        return Lanczos.Resize(Attack.Crop(photo, (photo.Width - shorter) / 2, (photo.Height - shorter) / 2, shorter, shorter), side, side);
    }

    private static RgbImage Jpeg(RgbImage picture, int quality) =>
        ImageCodec.Decode(ImageCodec.Encode(picture, ImageFormat.Jpeg, quality), ImageLimits.Default);

    private static RgbImage Grating(int index)
    {
        var picture = RgbImage.Filled(256, 200 + index % 57, 128, 128, 128);
        var (across, down) = (2 + index % 63, 2 + index * 5 % 63);
        for (var y = 0; y < picture.Height; y++)
        {
            for (var x = 0; x < picture.Width; x++)
            {
                var level = index % 2 == 0 ? 128 + 90 * Math.Sin(2 * Math.PI * ((double)x / across + (double)y / down)) : (x / across + y / down) % 2 * 200 + 20;
                picture.Row(y).Slice(x * 3, 3).Fill((byte)level);
            }
        }

        return picture;
    }
}

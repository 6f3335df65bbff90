using System.Buffers.Binary;
using Imagic.TestKit.Fuzz;

namespace Imagic.Imaging.Tests;

public class CasesTests
{
    private static readonly string Folder = Path.Combine(AppContext.BaseDirectory, "Cases");

    [Fact]
    public void Run_PicturesAsTheyAreInTheWild_AreAsTheyMustBe()
    {
        var (count, wrong) = PictureCases.Run(Folder);

        Assert.True(wrong.Count == 0, string.Join("\n", wrong));
        Assert.InRange(count, 27, int.MaxValue);
    }

    // As "lens blur", VR and depth cameras write it.
    [Theory]
    [InlineData(3)]
    [InlineData(15)]
    public void Decode_MegabytesOfExtendedXmpInFront_IsTurnedByTheExifBehind(int megabytes)
    {
        var jpeg = File.ReadAllBytes(Path.Combine(Folder, "jpeg-xmp-first-then-exif-6.jpg"));
        var segment = new byte[65_000];
        (segment[0], segment[1]) = (0xFF, 0xE1);
        BinaryPrimitives.WriteUInt16BigEndian(segment.AsSpan(2), (ushort)(segment.Length - 2));
        "http://ns.adobe.com/xmp/extension/\0"u8.CopyTo(segment.AsSpan(4));
        var pieces = Enumerable.Repeat(segment, megabytes * 1024 * 1024 / segment.Length).SelectMany(piece => piece);

        var image = Pictures.Decode([.. jpeg[..2], .. pieces, .. jpeg[2..]]);

        Assert.Equal((64, 96), (image.Width, image.Height));
    }

    // The API looks at the beginning of a file alone; the worker has all of it, and says the same.
    [Fact]
    public void Read_MoreMetadataThanPhonesWrite_IsRefusedAlikeByTheStartAndTheWhole()
    {
        var jpeg = File.ReadAllBytes(Path.Combine(Folder, "jpeg-orientation-0.jpg"));
        byte[] segment = [0xFF, 0xE1, 0xFF, 0xFF, .. new byte[0xFFFD]];
        byte[] whole = [.. jpeg[..2], .. Enumerable.Repeat(segment, 400).SelectMany(piece => piece), .. jpeg[2..]];

        var expected = Assert.Throws<ImageException>(() => Pictures.Decode(whole));

        Assert.Equal(ImageProblem.TooLarge, expected.Problem);
        Assert.Equal(expected.Message, Assert.Throws<ImageException>(() => ImageHeader.Read(whole.AsSpan(0, ImageHeader.MaxStartBytes))).Message);
    }

    // Wherever a transfer ends: the whole picture or none, never one with missing pixels.
    [Fact]
    public void Decode_FileThatEndsEarly_IsTheWholePictureOrRefused()
    {
        var (whole, refused) = (0, 0);
        foreach (var (name, seed) in FuzzSeeds.All)
        {
            RgbImage picture;
            try
            {
                picture = Pictures.Decode(seed);
            }
            catch (ImageException)
            {
                continue;
            }

            for (var length = 1; length < seed.Length; length += Math.Max(1, (seed.Length - length) / 40))
            {
                try
                {
                    Assert.True(picture.Equals(Pictures.Decode(seed[..length])), $"{name}, {length} bytes of {seed.Length}");
                    whole++;
                }
                catch (ImageException)
                {
                    refused++;
                }
            }
        }

        Assert.True(whole > 20 && refused > 200, $"{whole} whole, {refused} refused");
    }
}

using System.Buffers.Binary;
using Imagic.Imaging;
using Imagic.Marks.Containers;
using Imagic.Marks.Credentials;
using Imagic.Marks.Xmp;

namespace Imagic.Marks.Tests;

/// <summary>Whatever bytes come, a reader answers and a writer refuses in words.</summary>
public class HostileFilesTests
{
    private const int Inputs = 600;
    private static readonly CredentialsSigner Signer = SelfMadeSigner.Create(TimeProvider.System);

    private static readonly uint[] Extremes = [0, 1, 7, 8, 0xFF, 0xFFFF, 0x10000, 0x7FFF_FFFF, 0x8000_0000, 0xFFFF_FFF8, 0xFFFF_FFFF];

    public static TheoryData<ImageFormat> Formats => [ImageFormat.Png, ImageFormat.Jpeg, ImageFormat.WebP];

    [Theory]
    [MemberData(nameof(Formats))]
    public void DamagedFile_IsReadOrRefused(ImageFormat format)
    {
        var whole = Marked(Marked(Scenes.File(format, 16, 16)));
        var random = new Random(1);
        var (found, held, refused) = (0, 0, 0);
        for (var input = 0; input < Inputs; input++)
        {
            var bytes = Damage(whole, random);

            var report = CredentialsReader.Read(bytes);
            XmpReader.Read(bytes);
            found += report.Found ? 1 : 0;
            held += report is { IsHashValid: true, IsSignatureValid: true, Problems: [] } ? 1 : 0;
            try
            {
                var again = CredentialsReader.Read(Marked(bytes));
                Assert.True(again is { IsHashValid: true, IsSignatureValid: true }, $"{input}: {string.Join(' ', again.Problems)}");
            }
            catch (ImageException)
            {
                refused++;
            }
        }

        // Neither so gentle nor so rough that nothing is tried.
        Assert.InRange(found, Inputs / 10, Inputs * 99 / 100);
        Assert.InRange(refused, Inputs / 20, Inputs * 9 / 10);
        Assert.True(held <= Inputs / 50, $"{held} held");
    }

    [Fact]
    public void ManyBoxesInOneAnother_AreRefusedEarly()
    {
        var box = Jumbf.WriteCbor(Jumbf.Cbor, "a", Cbor.Text("a"));
        for (var depth = 0; depth < 5000; depth++) box = Jumbf.Write(Jumbf.Store, "c2pa", box);
        var nested = PictureFile.Open(Scenes.File(ImageFormat.Png)).WithManifest(box);
        var many = PictureFile.Open(Scenes.File(ImageFormat.Png)).WithManifest(
            Jumbf.Write(Jumbf.Store, "c2pa", [.. Enumerable.Repeat(Jumbf.WriteCbor(Jumbf.Cbor, "a", Cbor.Text("a")), 20_000)]));

        Assert.All([nested, many], file => Assert.Equal(["The manifest store has too many boxes."], CredentialsReader.Read(file).Problems));
    }

    [Fact]
    public void ListsInOneAnother_AreRefusedEarly()
    {
        var list = (byte[])[.. Enumerable.Repeat((byte)0x81, 100_000), 0x01];

        Assert.Throws<FormatException>(() => Cbor.Read(list));
        Assert.Throws<FormatException>(() => Cbor.Read((byte[])[0x9A, 0x7F, 0xFF, 0xFF, 0xFF, 0x01]));
        Assert.Throws<FormatException>(() => Cbor.Read((byte[])[0x5A, 0x7F, 0xFF, 0xFF, 0xFF, 0x01]));
    }

    private static byte[] Marked(byte[] file) => CredentialsWriter.Write(
        XmpWriter.Write(file, new("type", "tool")), new(CredentialsSource.Of("it", file), Provenance.Edited, "type", "title"), Signer, TimeProvider.System);

    private static byte[] Damage(byte[] whole, Random random)
    {
        var bytes = (byte[])[.. whole];
        do
        {
            var at = random.Next(bytes.Length);
            switch (random.Next(5))
            {
                case 0: bytes[at] ^= (byte)(1 << random.Next(8)); break;
                case 1: bytes = bytes[..at]; break;
                case 2 when bytes.Length >= 4: BinaryPrimitives.WriteUInt32BigEndian(bytes.AsSpan(Math.Min(at, bytes.Length - 4)), Extremes[random.Next(Extremes.Length)]); break;
                case 3: bytes = [.. bytes[..at], .. bytes[random.Next(bytes.Length)..]]; break;
                default: bytes[at] = (byte)random.Next(256); break;
            }
        }
        while (bytes.Length > 0 && random.Next(3) == 0);

        return bytes;
    }
}

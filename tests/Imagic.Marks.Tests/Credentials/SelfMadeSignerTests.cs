using Imagic.Marks.Credentials;
using Imagic.Tests;

namespace Imagic.Marks.Tests.Credentials;

public class SelfMadeSignerTests
{
    [Fact]
    public void OpenOrCreate_KeepsOneForItsOwnerOnly()
    {
        using var folder = new TemporaryFolder();
        var file = Path.Combine(folder.Path, "state", "signing.pem");

        var signers = Enumerable.Range(0, 8).AsParallel().Select(_ => Signed(SelfMadeSigner.OpenOrCreate(file, TimeProvider.System))).ToList();

        Assert.All(signers, signed => Assert.True(signed is { IsSignatureValid: true, IsSelfMade: true, Problems: [] }));
        Assert.Single(Directory.GetFiles(Path.GetDirectoryName(file)!));
        if (!OperatingSystem.IsWindows()) Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
        var kept = File.ReadAllText(file);
        SelfMadeSigner.OpenOrCreate(file, TimeProvider.System);
        Assert.Equal(kept, File.ReadAllText(file));
    }

    [Fact]
    public void OpenOrCreate_OfAFileOfAnotherKind_NamesIt()
    {
        using var folder = new TemporaryFolder();
        var file = Path.Combine(folder.Path, "signing.pem");
        File.WriteAllText(file, "nonsense");

        Assert.Contains(file, Assert.Throws<BadInputException>(() => SelfMadeSigner.OpenOrCreate(file, TimeProvider.System)).Message, StringComparison.Ordinal);
    }

    private static CredentialsReport Signed(CredentialsSigner signer) =>
        CredentialsReader.Read(new PictureMarks(signer, TimeProvider.System).Edited(Scenes.File(Imaging.ImageFormat.Png, 16, 16), source: null, "it"));
}

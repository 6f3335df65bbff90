using System.Diagnostics;
using System.Text;
using Imagic.Diffusion.Packages;
using Imagic.Diffusion.Weights;

namespace Imagic.Diffusion.Tests.Weights;

public sealed class PackageFileTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private string File => _folder.Path("file");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void ReadText_FolderInPlaceOfFile_SaysThatItCannotBeRead() => Refuses(_folder.Root, "cannot be read");

    [Fact]
    public void ReadText_BytesThatAreNoUtf8_AreNoText()
    {
        System.IO.File.WriteAllBytes(File, [(byte)'{', 0xFF]);

        Refuses(File, "no text in UTF-8");
    }

    [Fact]
    public void ReadText_FarTooLarge_IsRefusedUnread()
    {
        using (var stream = System.IO.File.Create(File)) stream.SetLength(1L << 40);

        Refuses(File, "it has 1099511627776 bytes");
    }

    [Theory]
    [InlineData("version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 123\n", "Git LFS pointer")]
    [InlineData("\uFEFF  <!DOCTYPE html><html>", "a web page")]
    [InlineData("PK\u0003\u0004archive/data.pkl", "a PyTorch checkpoint")]
    public void Open_WhatIsNotTheFile_IsNamed(string content, string name)
    {
        System.IO.File.WriteAllText(File, content, new UTF8Encoding(false));

        Refuses(File, name);
        Assert.Contains(name, Assert.Throws<ModelPackageException>(() => SafetensorsFile.Open(File)).Message, StringComparison.Ordinal);
    }

    // 60 is '<', 0x4B50 is PK, 0x0280 begins a pickle.
    [Theory]
    [InlineData(60)]
    [InlineData(0x4B50)]
    [InlineData(0x0280)]
    public void Open_SafetensorsWhoseHeaderLengthLooksLikeAnotherFile_IsRead(int headerLength)
    {
        var header = "{}".PadRight(headerLength);
        System.IO.File.WriteAllBytes(File, [.. BitConverter.GetBytes((long)headerLength), .. Encoding.UTF8.GetBytes(header)]);

        using var file = SafetensorsFile.Open(File);

        Assert.Empty(file.Entries);
    }

    [Fact(Timeout = 10_000)]
    public async Task Open_PipeInPlaceOfAFile_IsRefusedAndNotWaitedFor()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no such pipes.");
        using var process = Process.Start("mkfifo", File);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        System.IO.File.CreateSymbolicLink(_folder.Path("link"), File);

        foreach (var path in new[] { File, _folder.Path("link") })
        {
            Refuses(path, "empty, or no plain file");
            Assert.Throws<ModelPackageException>(() => SafetensorsFile.Open(path));
        }
    }

    [Fact]
    public void CheckLinks_LinkOutOfThePackage_IsRefusedAndOthersNot()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Links need a privilege there.");
        var package = Directory.CreateDirectory(_folder.Path("package/unet")).Parent!.FullName;
        System.IO.File.WriteAllText(_folder.Path("package/real.json"), "{}");
        System.IO.File.CreateSymbolicLink(_folder.Path("package/unet/config.json"), "../real.json");
        PackageFile.CheckLinks(package);

        System.IO.File.WriteAllText(_folder.Path("secret"), "my line");
        System.IO.File.CreateSymbolicLink(_folder.Path("package/unet/merges.txt"), "../../secret");
        var error = Assert.Throws<ModelPackageException>(() => ModelPackage.Open(package));

        Assert.Contains("a link that leads out of the package", error.Message, StringComparison.Ordinal);
        Assert.EndsWith("merges.txt", error.File, StringComparison.Ordinal);
    }

    [Fact]
    public void CheckLinks_CacheOfTheHub_IsAPackage()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Links need a privilege there.");
        Directory.CreateDirectory(_folder.Path("models--a--b/blobs"));
        var snapshot = Directory.CreateDirectory(_folder.Path("models--a--b/snapshots/1f2e")).FullName;
        System.IO.File.WriteAllText(_folder.Path("models--a--b/blobs/4d7a"), "{}");
        System.IO.File.CreateSymbolicLink(Path.Combine(snapshot, "model_index.json"), "../../blobs/4d7a");

        PackageFile.CheckLinks(snapshot);
    }

    private static void Refuses(string path, string problem)
    {
        var error = Assert.Throws<ModelPackageException>(() => PackageFile.ReadText(path));
        Assert.StartsWith($"{path}: ", error.Message, StringComparison.Ordinal);
        Assert.Contains(problem, error.Message, StringComparison.Ordinal);
    }
}

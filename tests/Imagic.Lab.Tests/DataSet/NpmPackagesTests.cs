using Imagic.Lab.DataSet;

namespace Imagic.Lab.Tests.DataSet;

public sealed class NpmPackagesTests
{
    private const string Noto = "@iconify-json/noto";

    [Fact]
    public void Find_WhatIsNotInstalled_SaysWhatToRun()
    {
        using var packages = new PackagesFixture();
        Directory.Delete(packages.PackageFolder(Noto), recursive: true);

        var e = Assert.Throws<NotSetUpException>(() => packages.Packages.Find(Noto));

        Assert.Contains($"npm ci --prefix {packages.Folder}", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Find_AnotherVersionThanPinned_Refuses()
    {
        using var packages = new PackagesFixture();
        packages.WritePackage(Noto, "Apache-2.0", "1.0.1");

        Assert.Contains("1.0.1", Assert.Throws<NotSetUpException>(() => packages.Packages.Find(Noto)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Find_ALicenceThatIsNotAccepted_Refuses()
    {
        using var packages = new PackagesFixture();
        packages.WritePackage(Noto, "CC-BY-SA-4.0");

        Assert.Contains("CC-BY-SA-4.0", Assert.Throws<DataSetException>(() => packages.Packages.Find(Noto)).Message, StringComparison.Ordinal);
    }
}

using System.Diagnostics;
using System.Reflection;
using System.Runtime.InteropServices;
using Imagic.Tests;

namespace Imagic.Diffusion.Tests.LibTorch;

/// <summary>What the build puts in the place of TorchSharp's native half, asked of MSBuild itself.</summary>
public sealed class LibTorchTargetsTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private static string Package { get; } = typeof(LibTorchTargetsTests).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
        .Single(metadata => metadata.Key == "TorchSharpPackage").Value!;

    private static string Library => Path.Combine(Package, "runtimes", "linux-x64", "native", "libLibTorchSharp.so");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Build_OlderLibstdcxx_UsesACopyThatLoadsAndLeavesThePackageAlone()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Linux only.");
        var before = await File.ReadAllBytesAsync(Library, TestContext.Current.CancellationToken);

        var (exitCode, output) = await BuildAsync("GLIBCXX_3.4.30", Library);

        var copy = _folder.Path("artifacts", "libtorch", "1.2.3", "libLibTorchSharp.so");
        Assert.True(exitCode == 0, output);
        Assert.Contains($"native: {copy}", output, StringComparison.Ordinal);
        TorchLibrary.Load(); // what the copy itself needs
        Assert.NotEqual(0, NativeLibrary.Load(copy));
        Assert.Equal(before, await File.ReadAllBytesAsync(Library, TestContext.Current.CancellationToken));

        // What was lowered once is no file of the package any more.
        var unknown = _folder.Path("libLibTorchSharp.so");
        File.Move(copy, unknown);
        (exitCode, output) = await BuildAsync("GLIBCXX_3.4.30", unknown);
        Assert.NotEqual(0, exitCode);
        Assert.Contains($"'{unknown}' cannot be made to load here: It has 0 needs of GLIBCXX_3.4.32", output, StringComparison.Ordinal);
        Assert.Contains("Ubuntu 24.04", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Build_LibstdcxxOfGcc13_UsesThePackagesFile()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Linux only.");

        var (exitCode, output) = await BuildAsync("GLIBCXX_3.4.30\0GLIBCXX_3.4.32\0GLIBCXX_3.4.33", Library);

        Assert.True(exitCode == 0, output);
        Assert.Contains($"native: {Library}", output, StringComparison.Ordinal);
        Assert.False(Directory.Exists(_folder.Path("artifacts")));
    }

    [Theory]
    [InlineData(100)]
    [InlineData(200_000)]
    public async Task Build_FileIsCutOff_SaysWhichAndWhatToDo(int length)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Linux only.");
        var cut = _folder.Path("libLibTorchSharp.so");
        await File.WriteAllBytesAsync(
            cut, (await File.ReadAllBytesAsync(Library, TestContext.Current.CancellationToken))[..length], TestContext.Current.CancellationToken);

        var (exitCode, output) = await BuildAsync("GLIBCXX_3.4.30", cut);

        Assert.NotEqual(0, exitCode);
        Assert.Contains($"'{cut}' cannot be made to load here: It ends", output, StringComparison.Ordinal);
    }

    /// <summary>The targets in a project in which the package has brought one native library.</summary>
    private async Task<(int ExitCode, string Output)> BuildAsync(string libstdcxx, string library)
    {
        var system = _folder.Path("libstdc++.so.6");
        await File.WriteAllTextAsync(system, libstdcxx, TestContext.Current.CancellationToken);
        var project = _folder.Path("probe.proj");
        await File.WriteAllTextAsync(
            project,
            $"""
            <Project DefaultTargets="Show">
              <PropertyGroup>
                <ArtifactsPath>$(MSBuildThisFileDirectory)artifacts</ArtifactsPath>
                <SystemLibstdcxx>{system}</SystemLibstdcxx>
              </PropertyGroup>
              <Target Name="ResolvePackageAssets">
                <ItemGroup>
                  <NativeCopyLocalItems Include="{library}" NuGetPackageVersion="1.2.3" />
                </ItemGroup>
              </Target>
              <Target Name="Show" DependsOnTargets="ResolvePackageAssets">
                <Message Importance="high" Text="native: @(NativeCopyLocalItems)" />
              </Target>
              <Import Project="{Path.Combine(RepositoryFiles.Root, "gpu-worker", "LibTorch", "LibTorch.targets")}" />
            </Project>
            """,
            TestContext.Current.CancellationToken);
        using var process = Process.Start(new ProcessStartInfo("dotnet", (string[])["msbuild", project, "-nologo", "-nodeReuse:false"])
        {
            RedirectStandardOutput = true,
            UseShellExecute = false,
        })!;
        var output = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return (process.ExitCode, output);
    }
}

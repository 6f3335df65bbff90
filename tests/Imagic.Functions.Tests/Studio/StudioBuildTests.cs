using System.Diagnostics;
using Imagic.Tests;

namespace Imagic.Functions.Tests.Studio;

/// <summary>When the build of the app builds the page, asked of MSBuild itself. Programs named node and npm write down what they are asked for.</summary>
public sealed class StudioBuildTests : IDisposable
{
    private static readonly string Dotnet = Environment.GetEnvironmentVariable("PATH")!.Split(Path.PathSeparator)
        .Select(folder => Path.Combine(folder, "dotnet")).First(File.Exists);

    private readonly TemporaryFolder _folder = new();

    public StudioBuildTests()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "The programs are scripts.");
        Write("Studio/Studio.targets", File.ReadAllText(Path.Combine(RepositoryFiles.Root, "functions", "Studio", "Studio.targets")));
        foreach (var name in new[] { "package.json", "package-lock.json", "index.html", "src/main.tsx", "src/other.ts" }) Write($"Studio/{name}", "");
        Write(
            "probe.proj",
            """
            <Project DefaultTargets="CopyFilesToOutputDirectory">
              <PropertyGroup>
                <OutDir>$(MSBuildThisFileDirectory)bin/</OutDir>
                <BaseIntermediateOutputPath>$(MSBuildThisFileDirectory)obj/</BaseIntermediateOutputPath>
                <IntermediateOutputPath>$(MSBuildThisFileDirectory)obj/$(Configuration)/</IntermediateOutputPath>
                <TreatWarningsAsErrors>true</TreatWarningsAsErrors>
              </PropertyGroup>
              <Target Name="CopyFilesToOutputDirectory">
                <MakeDir Directories="$(OutDir);$(IntermediateOutputPath)" />
              </Target>
              <Target Name="ComputeResolvedFilesToPublishList" />
              <Target Name="Clean" />
              <Target Name="Publish" DependsOnTargets="ComputeResolvedFilesToPublishList">
                <Message Importance="high" Text="published: %(ResolvedFileToPublish.RelativePath)" />
              </Target>
              <Import Project="Studio/Studio.targets" />
            </Project>
            """);
        Directory.CreateDirectory(Path.Combine(_folder.Path, "programs"));
    }

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(null, "there is no 'node'.")]
    [InlineData("v16.20.2", "'node' is of version v16.20.2.")]
    public async Task Build_WithoutANodeThatWillDo_WarnsAndGoesOn(string? version, string sentence)
    {
        if (version is not null) Install(version);

        var (exitCode, output) = await BuildAsync();

        Assert.True(exitCode == 0, output);
        Assert.Contains($"warning STUDIO1: The page (Imagic Studio) is not built: {sentence} Install Node.js 18 or newer", output, StringComparison.Ordinal);
        Assert.False(Directory.Exists(Path.Combine(_folder.Path, "bin", "studio")));
    }

    [Fact]
    public async Task Build_RunsNpmForWhatHasChangedOnly()
    {
        Install("v18.0.0");

        Assert.Equal("ci --no-audit --no-fund|run build", await CallsOfABuildAsync());
        Assert.True(File.Exists(Path.Combine(_folder.Path, "bin", "studio", "index.html")));
        Assert.Equal("", await CallsOfABuildAsync());

        Write("Studio/src/main.tsx", "changed");
        File.WriteAllText(Path.Combine(_folder.Path, "bin", "studio", "of-before.js"), "");
        Assert.Equal("run build", await CallsOfABuildAsync());
        Assert.False(File.Exists(Path.Combine(_folder.Path, "bin", "studio", "of-before.js")));

        File.Delete(Path.Combine(_folder.Path, "Studio", "src", "other.ts"));
        Assert.Equal("run build", await CallsOfABuildAsync());

        Write("Studio/package-lock.json", "changed");
        Assert.Equal("ci --no-audit --no-fund|run build", await CallsOfABuildAsync());

        Assert.Contains("published: studio/index.html", (await BuildAsync("-t:Publish")).Output, StringComparison.Ordinal);
        await BuildAsync("-t:Clean");
        Assert.False(Directory.Exists(Path.Combine(_folder.Path, "bin", "studio")));
    }

    [Fact]
    public async Task Build_ThatNpmRefuses_FailsWithWhatNpmSays()
    {
        Install("v20.0.0", "echo 'src/main.tsx(1,1): error TS1005' >&2; exit 2");

        var (exitCode, output) = await BuildAsync();

        Assert.NotEqual(0, exitCode);
        Assert.Contains("ended with exit code 2:", output, StringComparison.Ordinal);
        Assert.Contains("src/main.tsx(1,1): error TS1005", output, StringComparison.Ordinal);
    }

    private async Task<string> CallsOfABuildAsync()
    {
        File.Delete(Path.Combine(_folder.Path, "calls"));
        var (exitCode, output) = await BuildAsync();
        Assert.True(exitCode == 0, output);
        return string.Join('|', Calls().Select(call => call.Split(" -- ")[0]));
    }

    private string[] Calls() => File.Exists(Path.Combine(_folder.Path, "calls")) ? File.ReadAllLines(Path.Combine(_folder.Path, "calls")) : [];

    private void Install(string version, string also = "")
    {
        Program("node", $"echo {version}");
        Program(
            "npm",
            $"""
            [ "$1" != --version ] || exit 0
            echo "$*" >> {_folder.Path}/calls
            {also}
            [ "$1" != ci ] || (mkdir -p node_modules && touch node_modules/.package-lock.json)
            for last; do :; done
            [ "$1" != run ] || (mkdir -p "$last" && echo page > "$last/index.html")
            """);
    }

    private void Program(string name, string script)
    {
        var path = Path.Combine(_folder.Path, "programs", name);
        File.WriteAllText(path, $"#!/bin/sh\n{script}\n");
        if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    private async Task<(int ExitCode, string Output)> BuildAsync(params string[] arguments)
    {
        var start = new ProcessStartInfo(Dotnet, ["msbuild", Path.Combine(_folder.Path, "probe.proj"), "-nologo", "-nodeReuse:false", .. arguments])
        {
            UseShellExecute = false, RedirectStandardOutput = true,
        };
        // The programs of any system, but for node and npm.
        start.Environment["PATH"] = $"{Path.Combine(_folder.Path, "programs")}:{Tools()}";
        using var process = Process.Start(start)!;
        var output = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return (process.ExitCode, output);
    }

    private string Tools()
    {
        var tools = Directory.CreateDirectory(Path.Combine(_folder.Path, "tools")).FullName;
        foreach (var name in new[] { "sh", "mkdir", "touch" })
        {
            var link = Path.Combine(tools, name);
            if (!File.Exists(link) && new[] { "/bin", "/usr/bin" }.Select(folder => Path.Combine(folder, name)).FirstOrDefault(File.Exists) is { } target)
                File.CreateSymbolicLink(link, target);
        }

        return tools;
    }

    private void Write(string name, string text)
    {
        var path = Path.Combine(_folder.Path, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
    }
}

using System.Text.Json;
using Imagic.Tests;

namespace Imagic.Lab.Tests.Bench;

public class BenchCommandTests
{
    private static readonly string Config = RepositoryFiles.Fixture("sd1-micro");

    [Fact]
    public async Task Bench_AsJson_HasAllPhasesOfAnEditWithTimesAndMemory()
    {
        var (code, output, _) = await ImagicProcess.RunLabAsync(
            "bench", "--config", Config, "--latent", "6x4", "--batch", "2", "--threads", "1", "--runs", "2", "--json");

        Assert.Equal(ExitCode.Done, code);
        using var json = JsonDocument.Parse(output);
        Assert.Equal("6x4", json.RootElement.GetProperty("latent").GetString());
        var phases = json.RootElement.GetProperty("phases").EnumerateArray().ToList();
        Assert.Equal(
            ["Encode", "Forward", "Optimize", "FineTune", "Sample", "Decode"],
            phases.Select(phase => phase.GetProperty("phase").GetString()));
        Assert.All(phases, phase =>
        {
            var (fastest, median) = (phase.GetProperty("minMs").GetDouble(), phase.GetProperty("medianMs").GetDouble());
            Assert.InRange(fastest, double.Epsilon, median);
            Assert.True(phase.GetProperty("cpuMs").GetDouble() > 0);
            Assert.InRange(phase.GetProperty("peakMib").GetDouble(), 20, 4096); // a .NET runtime with libtorch, a tiny model
        });
    }

    [Fact]
    public async Task Bench_Plain_IsATableOfPhases()
    {
        var (code, output, _) = await ImagicProcess.RunLabAsync("bench", "--config", Config, "--latent", "4x4", "--runs", "1");

        Assert.Equal(ExitCode.Done, code);
        Assert.Contains("latent 4x4, batch 1", output);
        Assert.All(["median ms", "peak MiB", "Encode", "FineTune", "Decode"], text => Assert.Contains(text, output));
    }

    [Theory]
    [InlineData("--latent", "16", "--latent takes HEIGHTxWIDTH")]
    [InlineData("--latent", "0x16", "--latent takes HEIGHTxWIDTH")]
    [InlineData("--batch", "0", "--batch takes a number above 0")]
    [InlineData("--runs", "-1", "--runs takes a number above 0")]
    [InlineData("--device", "tpu", "tpu")]
    [InlineData("--config", "/nowhere", "/nowhere/vae/config.json")]
    public async Task Bench_UnusableOption_NamesIt(string option, string value, string expected)
    {
        string[] config = option == "--config" ? [] : ["--config", Config];

        var (code, output, error) = await ImagicProcess.RunLabAsync(["bench", .. config, option, value]);

        Assert.Equal(ExitCode.BadInput, code);
        Assert.Contains(expected, error);
        Assert.DoesNotContain("median", output);
    }
}

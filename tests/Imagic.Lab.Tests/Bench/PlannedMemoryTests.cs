using System.Text.Json;
using Imagic.Contracts;
using Imagic.Contracts.Settings;
using Imagic.Diffusion.UNet;
using Imagic.Diffusion.Weights;
using Imagic.Editing.Memory;
using Imagic.Tests;
using TorchSharp;
using static TorchSharp.torch;

namespace Imagic.Lab.Tests.Bench;

/// <summary>What is planned beside what a process that does nothing else holds at its peak (VmHWM).</summary>
public class PlannedMemoryTests
{
    // Each tensor to the system by itself: the holes of the heap are not the plan's.
    private static readonly Dictionary<string, string> NoHoles = new() { ["MALLOC_MMAP_THRESHOLD_"] = "65536", ["MALLOC_ARENA_MAX"] = "1" };

    // Each is a process; "-explicit on" measures the others too.
    [Theory]
    [InlineData("midsize", 48, 64, 1, Tuning.Full, false)]
    [InlineData("midsize", 64, 64, 1, Tuning.Full, true, Explicit = true)]
    [InlineData("midsize", 32, 32, 3, Tuning.KeysAndValues, false, Explicit = true)]
    [InlineData("midsize", 64, 64, 1, Tuning.KeysAndValues, true)]
    [InlineData("midsize", 56, 56, 1, Tuning.Lora, false, Explicit = true)]
    [InlineData("midsize", 48, 48, 2, Tuning.Lora, true)]
    [InlineData("midsize-if", 64, 64, 1, Tuning.Full, false, Explicit = true)]
    [InlineData("midsize-if", 48, 48, 3, Tuning.Full, false)]
    [InlineData("midsize-if", 64, 96, 1, Tuning.Full, true)]
    [InlineData("midsize-if", 48, 48, 3, Tuning.KeysAndValues, false, Explicit = true)]
    [InlineData("midsize-if", 64, 64, 1, Tuning.Lora, false)]
    [InlineData("midsize-if-sr", 96, 96, 1, Tuning.Full, false)]
    [InlineData("midsize-if-sr", 64, 64, 1, Tuning.KeysAndValues, false)]
    [InlineData("midsize-if-sr", 48, 48, 2, Tuning.Lora, true, Explicit = true)]
    public async Task Plan_IsWithinTenPercentOfThePeak(string fixture, int height, int width, int batch, Tuning tuning, bool recompute)
    {
        var folder = RepositoryFiles.Fixture(fixture);
        using var unet = new UNet2DConditionModel(
            UNet2DConditionConfig.Read(Path.Combine(folder, "unet", "config.json")), new ParameterSet(ScalarType.Float32, CPU));
        var settings = new FineTuneSettings(1, 1e-4) { Batch = batch, Tuning = tuning, Rank = tuning == Tuning.Lora ? 4 : null };
        var planned = MemoryPlan.Of(unet, settings, (height, width), ScalarType.Float32, DeviceType.CPU, new(recompute, Offload: false));

        using var process = ImagicProcess.RunLab(
            NoHoles, "bench", "--config", folder, "--latent", $"{height}x{width}", "--batch", $"{batch}", "--tuning", tuning.Name(),
            "--recompute", $"{recompute}", "--phase", "FineTune", "--runs", "1", "--threads", "1");
        var end = await process.EndAsync();

        Assert.Equal((0, ""), (end.ExitCode, end.Error));
        using var json = JsonDocument.Parse(end.Output);
        var peak = json.RootElement.GetProperty("peakMib").GetDouble();
        Assert.True(Math.Abs((planned.Total / (double)(1 << 20) / peak) - 1) < 0.1, $"planned {planned.Total >> 20} MiB ({planned}), peak {peak:F0} MiB");
    }
}

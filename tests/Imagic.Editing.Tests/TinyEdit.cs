using System.Collections.Concurrent;
using Imagic.Contracts;
using Imagic.Diffusion.Packages;
using Imagic.Editing.Checkpoints;
using Imagic.Editing.Stages;
using Imagic.Tests;
using static TorchSharp.torch;

namespace Imagic.Editing.Tests;

/// <summary>An edit with the reference's tiny model that takes milliseconds and still visits every branch.</summary>
internal static class TinyEdit
{
    /// <summary>4 + 3 training steps, then 2 blends × (PNDM, 3 steps) of 2 pictures each.</summary>
    public static EditSettings Settings { get; } = new()
    {
        TargetText = "a photo of a bird",
        Profile = "test",
        Optimize = new(4, 1e-2) { Batch = 2 },
        FineTune = new(3, 1e-3),
        Sample = new() { Seeds = [5], Etas = [0.8], Blends = [1, 0.5], Guidance = 3, Steps = 3, Scheduler = SchedulerType.Pndm, Batch = 2 },
        Suggested = new(0.8, 1),
        Seed = 7,
    };

    /// <summary>The tiny pixel cascade.</summary>
    public const string Cascade = "if-cascade";

    /// <summary>The settings with what a pixel cascade has besides: as many steps of super-resolution's tuning, then 2 more per batch.</summary>
    public static EditSettings For(string model, EditSettings settings) => model != Cascade ? settings : settings with
    {
        Sample = settings.Sample with { Scheduler = SchedulerType.Ddpm },
        SuperResolution = new() { FineTune = settings.FineTune, Steps = 2, Guidance = 2 },
    };

    /// <summary>A 32×24 gradient with a disc in it.</summary>
    public static RgbImage Source { get; } = Draw(32, 24);

    /// <summary>Runs the edit with models of its own, as a new process would.</summary>
    public static async Task<EditOutcome> RunAsync(
        ICheckpointStore store, EditSettings? settings = null, EditOptions? options = null,
        IProgress<StageEvent>? progress = null, string model = "sd1-micro", Func<EditSettings, EditSettings>? change = null, CancellationToken cancellationToken = default)
    {
        var package = ModelPackage.Open(RepositoryFiles.Fixture(model));
        settings = For(model, settings ?? Settings);
        using var models = new LoadedModels(package, ScalarType.Float32, CPU);
        var journal = new CheckpointJournal(store, await CheckpointJournal.NextEpochAsync(store, CancellationToken.None));
        using var runner = await EditRunner.CreateAsync(
            models, journal, Source, change?.Invoke(settings) ?? settings, options ?? new(), progress ?? new Recorder(), TimeProvider.System, CancellationToken.None);
        return await runner.RunAsync(cancellationToken);
    }

    /// <summary>SHA-256 of every stage's result.</summary>
    public static IReadOnlyList<string> ResultHashes(string folder) =>
    [
        .. from file in Directory.EnumerateFiles(folder, "state.safetensors", SearchOption.AllDirectories)
           orderby file
           select Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(File.ReadAllBytes(file))),
    ];

    private static RgbImage Draw(int width, int height)
    {
        var rgb = new byte[width * height * 3];
        for (var y = 0; y < height; y++)
        {
            for (var x = 0; x < width; x++)
            {
                var inside = (x - 14) * (x - 14) + (y - 11) * (y - 11) < 60;
                var pixel = rgb.AsSpan((y * width + x) * 3, 3);
                (pixel[0], pixel[1], pixel[2]) = inside ? ((byte)230, (byte)180, (byte)20) : ((byte)(x * 8), (byte)(y * 10), (byte)90);
            }
        }

        return new(width, height, rgb);
    }
}

/// <summary>Keeps every event.</summary>
internal sealed class Recorder : IProgress<StageEvent>
{
    public ConcurrentQueue<StageEvent> Events { get; } = [];

    public void Report(StageEvent value) => Events.Enqueue(value);
}

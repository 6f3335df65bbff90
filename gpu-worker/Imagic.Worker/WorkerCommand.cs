using System.CommandLine;
using Imagic.Editing;
using Imagic.Editing.Checkpoints;
using Imagic.Editing.Stages;
using Imagic.Storage;
using Imagic.Storage.Telemetry;
using Imagic.Worker.Models;
using Microsoft.Extensions.Logging;
using static TorchSharp.torch;

namespace Imagic.Worker;

/// <summary>The worker's command line.</summary>
public static class WorkerCommand
{
    /// <summary>Longer than <see cref="WorkerOptions.StopWithin"/>: the worker ends by itself.</summary>
    public static readonly TimeSpan TerminationTimeout = TimeSpan.FromSeconds(28);

    private const double Gigabyte = 1e9;

    /// <summary>Makes <c>worker</c> for a larger program.</summary>
    public static Command Create() => AddTo(new Command("worker", "Takes stages from the queues and computes them, until it is stopped"));

    /// <summary>Adds options and action to <paramref name="command"/>.</summary>
    public static T AddTo<T>(T command)
        where T : Command => AddTo(command, observer: null);

    /// <summary>The same, with somebody who hears all that stages tell, on the computing thread.</summary>
    internal static T AddTo<T>(T command, IProgress<StageEvent>? observer)
        where T : Command
    {
        var defaults = new WorkerOptions();
        var once = new Option<bool>("--once") { Description = "End after one message, or at once when there is none" };
        var stages = new Option<string>("--stages") { Description = "Stages to work on, e.g. optimize,finetune", DefaultValueFactory = _ => "sample,finetune,optimize" };
        var models = new Option<string?>("--models") { Description = "Folder with model packages; others are fetched from storage" };
        var cache = new Option<string>("--cache") { Description = "Folder for fetched models and checkpoints", DefaultValueFactory = _ => defaults.CacheFolder };
        var cacheSize = new Option<double>("--cache-size") { Description = "Gigabytes that fetched models may take there; the one in use stays in any case", DefaultValueFactory = _ => defaults.CacheBytes / Gigabyte };
        var device = new Option<string>("--device") { Description = Devices.Spellings, DefaultValueFactory = _ => "auto" };
        var threads = new Option<int>("--threads") { Description = "CPU threads; the same bytes are promised for the same number", DefaultValueFactory = _ => defaults.Threads };
        var precision = new Option<Precision>("--precision") { Description = "What the UNet computes in; float32 masters are kept either way", DefaultValueFactory = _ => Precision.Float32 };
        var visibility = new Option<double>("--visibility") { Description = "Seconds after which the work of a dead worker goes to another", DefaultValueFactory = _ => defaults.Visibility.TotalSeconds };
        var mtbp = new Option<double>("--mean-time-between-preemptions") { Description = "Seconds; with the measured cost of a checkpoint it gives their interval", DefaultValueFactory = _ => 3600 };
        var every = new Option<double?>("--checkpoint-every") { Description = "Seconds between checkpoints, instead of the computed interval" };
        var attempts = new Option<int>("--max-attempts") { Description = "Claims of a stage that may come to nothing, one after the other", DefaultValueFactory = _ => defaults.MaxAttempts };
        var preview = new Option<int>("--preview") { Description = "Training steps between two pictures of the current reconstruction; 0 for none", DefaultValueFactory = _ => defaults.PreviewInterval };
        Option[] all = [once, stages, models, cache, cacheSize, device, threads, precision, visibility, mtbp, every, attempts, preview];
        foreach (var option in all) command.Add(option);
        command.SetAction(async (parsed, stop) =>
        {
            var options = defaults with
            {
                Once = parsed.GetValue(once),
                Stages = [.. parsed.GetRequiredValue(stages).Split(',', StringSplitOptions.TrimEntries).Select(ParseStage)],
                ModelsFolder = parsed.GetValue(models),
                CacheFolder = parsed.GetRequiredValue(cache),
                CacheBytes = (long)(parsed.GetValue(cacheSize) * Gigabyte),
                Device = Devices.Parse(parsed.GetRequiredValue(device)),
                Dtype = parsed.GetValue(precision) == Precision.BFloat16 ? ScalarType.BFloat16 : ScalarType.Float32,
                Threads = parsed.GetValue(threads),
                Visibility = TimeSpan.FromSeconds(parsed.GetValue(visibility)),
                Checkpoints = parsed.GetValue(every) is { } seconds
                    ? new CheckpointPolicy.Fixed(TimeSpan.FromSeconds(seconds))
                    : new CheckpointPolicy.YoungDaly(TimeSpan.FromSeconds(parsed.GetValue(mtbp))),
                MaxAttempts = parsed.GetValue(attempts),
                PreviewInterval = parsed.GetValue(preview),
            };
            options.Validate();
            var account = new StorageAccount(StorageOptions.Read(Environment.GetEnvironmentVariable));
            using var telemetry = ImagicTelemetry.Start("imagic-worker");
            using var logging = LoggerFactory.Create(builder => ImagicLogging.Configure(builder, telemetry));
            using var worker = new WorkerLoop(account, options, TimeProvider.System, logging.CreateLogger("Imagic.Worker"), observer);
            await worker.RunAsync(stop);
            return 0;
        });
        return command;
    }

    private static EditStage ParseStage(string name) => EnumNames.TryParse<EditStage>(name, out var stage)
        ? stage
        : throw new BadInputException($"--stages names '{name}'; there are {EnumNames.List<EditStage>()}.");
}

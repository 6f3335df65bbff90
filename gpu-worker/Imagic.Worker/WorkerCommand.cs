using System.CommandLine;
using Imagic.Contracts.Models;
using Imagic.Diffusion;
using Imagic.Editing;
using Imagic.Editing.Checkpoints;
using Imagic.Editing.Stages;
using Imagic.Storage;
using Imagic.Storage.Signing;
using Imagic.Storage.Telemetry;
using Imagic.Worker.Models.Hub;
using Imagic.Worker.Results;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Imagic.Worker;

/// <summary>The worker's command line.</summary>
public static class WorkerCommand
{
    /// <summary>The option that leaves a model's safety checker unasked.</summary>
    public const string NoSafety = "--no-safety";

    /// <summary>The option that leaves results without their watermark.</summary>
    public const string NoWatermark = "--no-watermark";

    private const double Gigabyte = 1e9;

    /// <summary>Makes <c>worker</c> for a larger program.</summary>
    public static Command Create() => AddTo(new Command("worker", "Computes stages from the queues until it is stopped"));

    /// <summary>Adds options and action to <paramref name="command"/>.</summary>
    /// <param name="command">The command.</param>
    /// <param name="configure">Adds to the worker's services.</param>
    public static T AddTo<T>(T command, Action<IServiceCollection>? configure = null)
        where T : Command
    {
        var defaults = new WorkerOptions { Compute = default };
        var once = new Option<bool>("--once") { Description = "End after one message, or at once when there is none" };
        var stages = new Option<string>("--stages") { Description = "Stages to work on, e.g. optimize,finetune", DefaultValueFactory = _ => string.Join(',', defaults.Stages.Select(stage => stage.Name())) };
        var models = new Option<string?>("--models") { Description = "Folder with model packages; others are fetched from storage" };
        var cache = new Option<string>("--cache") { Description = "Folder for fetched models and checkpoints", DefaultValueFactory = _ => defaults.CacheFolder };
        var cacheSize = new Option<double>("--cache-size") { Description = "Gigabytes that fetched models may take there; the one in use stays in any case", DefaultValueFactory = _ => defaults.CacheBytes / Gigabyte };
        var compute = new ComputeArguments();
        var visibility = new Option<double>("--visibility") { Description = "Seconds after which the work of a dead worker goes to another", DefaultValueFactory = _ => defaults.Visibility.TotalSeconds };
        var mtbp = new Option<double>("--mean-time-between-preemptions") { Description = "Seconds; with the measured cost of a checkpoint it gives their interval", DefaultValueFactory = _ => 3600 };
        var every = new Option<double?>("--checkpoint-every") { Description = "Seconds between checkpoints, instead of the computed interval" };
        var stopWithin = new Option<double>("--stop-within") { Description = "Seconds from SIGTERM to the end, shorter than the platform's grace", DefaultValueFactory = _ => defaults.StopWithin.TotalSeconds };
        var attempts = new Option<int>("--max-attempts") { Description = "Claims of a stage that may come to nothing, one after the other", DefaultValueFactory = _ => defaults.MaxAttempts };
        var preview = new Option<int>("--preview") { Description = "Training steps between two pictures of the current reconstruction; 0 for none", DefaultValueFactory = _ => defaults.PreviewInterval };
        var noSafety = new Option<bool>(NoSafety) { Description = $"Do not ask the safety checker of a model; like {OperatorSwitch.Safety}=off" };
        var noWatermark = new Option<bool>(NoWatermark) { Description = $"Do not put the invisible watermark into results; like {OperatorSwitch.Watermark}=off" };
        Option[] all = [once, stages, models, cache, cacheSize, .. compute.All, visibility, mtbp, every, stopWithin, attempts, preview, noSafety, noWatermark];
        foreach (var option in all) command.Add(option);
        command.SetAction(async (parsed, stop) =>
        {
            var options = defaults with
            {
                Once = parsed.GetValue(once),
                Stages = [.. parsed.GetRequiredValue(stages).Split(',', StringSplitOptions.TrimEntries).Select(ParseStage)],
                ModelsFolder = parsed.GetValue(models),
                Models = ModelEntry.ReadAll(Environment.GetEnvironmentVariable(ModelEntry.Setting)),
                Hub = HubOptions.FromEnvironment(),
                CacheFolder = parsed.GetRequiredValue(cache),
                CacheBytes = (long)(parsed.GetValue(cacheSize) * Gigabyte),
                Compute = compute.Read(parsed),
                Visibility = TimeSpan.FromSeconds(parsed.GetValue(visibility)),
                Checkpoints = parsed.GetValue(every) is { } seconds
                    ? new CheckpointPolicy.Fixed(TimeSpan.FromSeconds(seconds))
                    : new CheckpointPolicy.YoungDaly(TimeSpan.FromSeconds(parsed.GetValue(mtbp))),
                StopWithin = TimeSpan.FromSeconds(parsed.GetValue(stopWithin)),
                MaxAttempts = parsed.GetValue(attempts),
                PreviewInterval = parsed.GetValue(preview),
                CheckSafety = !parsed.GetValue(noSafety) && OperatorSwitch.IsOn(OperatorSwitch.Safety),
                Watermark = !parsed.GetValue(noWatermark) && OperatorSwitch.IsOn(OperatorSwitch.Watermark),
                Signing = SigningOptions.FromEnvironment(),
            };
            bool isComputing;
            using (var worker = WorkerHost.Create(options, builder =>
            {
                builder.Configuration.AddEnvironmentVariables();
                builder.AddImagicConsole();
                builder.AddImagicTelemetry("imagic-worker");
                // The one error that it logs ends the program, which says it.
                builder.Logging.AddFilter("Microsoft.Extensions.Hosting.Internal.Host", LogLevel.None);
                builder.Services.AddSingleton(new StorageAccount(StorageOptions.Read(builder.Configuration)));
                configure?.Invoke(builder.Services);
            }))
            {
                await worker.RunAsync(stop);
                isComputing = worker.IsComputing;
            }

            // All is given back and said.
            if (isComputing) TorchLibrary.ExitWhileComputing(0);
            return 0;
        });
        return command;
    }

    private static EditStage ParseStage(string name) => EnumNames.TryParse<EditStage>(name, out var stage)
        ? stage
        : throw new BadInputException($"--stages names '{name}'; there are {EnumNames.List<EditStage>()}.");
}

using System.CommandLine;
using Imagic.Cli.Progress;
using Imagic.Diffusion;
using Imagic.Editing.Checkpoints;
using Imagic.Editing.Stages;
using Imagic.Lab.DataSet;
using Imagic.Worker.Models;
using Spectre.Console;
using static TorchSharp.torch;

namespace Imagic.Lab.Train;

/// <summary><c>imagic lab train</c>: makes a model from a data set.</summary>
internal static class TrainCommand
{
    public static Command Create()
    {
        var config = new Option<string>("--config") { Description = "What to train and how; the embedded model's is gpu-worker/Imagic.Lab/emoji-64.json", Required = true };
        var data = new Option<string>("--data") { Description = "Data set, made by 'imagic lab dataset'", DefaultValueFactory = _ => "dataset" };
        var output = new Option<string>("--out") { Description = "Folder for model and checkpoints; a run that was stopped goes on from there", DefaultValueFactory = _ => "trained" };
        var device = new Option<string>("--device") { Description = "cpu, cuda or cuda:N", DefaultValueFactory = _ => "cpu" };
        var dtype = new Option<string>("--dtype") { Description = "What denoiser and scorer compute in: float32 or bfloat16", DefaultValueFactory = _ => "float32" };
        var threads = new Option<int>("--threads") { Description = "Threads on the CPU", DefaultValueFactory = _ => Environment.ProcessorCount };
        var interval = new Option<double>("--checkpoint-seconds") { Description = "Time between two checkpoints", DefaultValueFactory = _ => 120 };
        var sheets = new Option<int>("--sheet-steps") { Description = "Steps of the denoiser between two sheets of pictures; 0 for the last one only", DefaultValueFactory = _ => 1000 };
        var stop = new Option<string?>("--stop-after") { Description = "Stop with a checkpoint after NETWORK:STEP, e.g. denoiser:400" };
        var command = new Command("train", "Trains a model from a data set, from nothing")
        {
            config, data, output, device, dtype, threads, interval, sheets, stop,
        };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var options = new TrainOptions(
                parsed.GetRequiredValue(output), ParseDtype(parsed.GetRequiredValue(dtype)), Devices.Parse(parsed.GetRequiredValue(device)),
                new() { Checkpoints = new CheckpointPolicy.Fixed(TimeSpan.FromSeconds(parsed.GetValue(interval))), StopAfter = ParseStop(parsed.GetValue(stop)) },
                parsed.GetValue(sheets));
            var report = await RunAsync(
                TrainConfig.Read(parsed.GetRequiredValue(config)), DataSetReader.Open(parsed.GetRequiredValue(data)), options, parsed.GetValue(threads),
                AnsiConsole.Console, cancellationToken);
            if (report is null) Console.WriteLine($"Stopped after {options.Stages.StopAfter}; the same command without --stop-after goes on from there.");
            else Print(report, options.Folder);
            return ExitCode.Done;
        });
        return command;
    }

    private static Task<TrainingReport?> RunAsync(
        TrainConfig config, DataSetReader data, TrainOptions options, int threads, IAnsiConsole console, CancellationToken cancellationToken) =>
        WorkDisplay.RunAsync<TrainingProgress, TrainingReport?>(
            console, TimeProvider.System, "training", Describe,
            progress => Task.Run(
                () =>
                {
                    TorchLibrary.Load(threads);
                    backends.cuda.matmul.allow_tf32 = true; // as convolutions have it from the start
                    return new TrainingRun(config, data, options, progress, TimeProvider.System).RunAsync(cancellationToken);
                },
                CancellationToken.None));

    private static WorkStep Describe(TrainingProgress step)
    {
        var loss = step.Loss is { } value ? $", loss {value:F4}" : "";
        var text = $"{step.What} {step.Step} of {step.Of}{loss}, {step.PicturesPerSecond:F0} pictures/s";
        return new($"{step.What}{loss}, {step.PicturesPerSecond:F0}/s", step.Step, step.Of, text);
    }

    private static StopPoint? ParseStop(string? text)
    {
        if (text is null) return null;
        return StopPoint.TryParse(text, TrainingRun.Networks, out var stop)
            ? stop
            : throw new BadInputException($"--stop-after takes NETWORK:STEP with a network of {string.Join(", ", TrainingRun.Networks)}; got '{text}'.");
    }

    private static ScalarType ParseDtype(string name) => name switch
    {
        "float32" => ScalarType.Float32,
        "bfloat16" => ScalarType.BFloat16,
        _ => throw new BadInputException($"--dtype takes float32 or bfloat16, not '{name}'."),
    };

    private static void Print(TrainingReport report, string folder)
    {
        var table = new Table().AddColumn("network");
        foreach (var heading in (string[])["steps", "pictures", "pictures/s", "loss"])
            table.AddColumn(heading, column => column.RightAligned());
        foreach (var network in report.Networks)
            table.AddRow(network.Name, $"{network.Steps}", $"{network.Pictures}", $"{network.PicturesPerSecond:F0}", $"{network.FinalLoss:F4}");
        AnsiConsole.Write(table);
        Console.WriteLine($"{folder}/model: the autoencoder gives held-out pictures back at {report.Psnr:F1} dB");
    }
}

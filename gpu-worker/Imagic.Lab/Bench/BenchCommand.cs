using System.Collections.Immutable;
using System.CommandLine;
using System.Diagnostics;
using System.Text.Json;
using Imagic.Cli.Edit;
using Imagic.Worker;
using Spectre.Console;
using static TorchSharp.torch;

namespace Imagic.Lab.Bench;

/// <summary><c>imagic lab bench</c>: time and peak memory of everything an edit does, for a model of any size.</summary>
internal static class BenchCommand
{
    public static Command Create()
    {
        var config = new Option<string>("--config") { Description = "Folder of a model package; only its configurations are read", Required = true };
        var latent = new Option<string>("--latent") { Description = "Size in latent pixels, HEIGHTxWIDTH", DefaultValueFactory = _ => "16x16" };
        var batch = new Option<int>("--batch") { Description = "Pictures or training noises computed together", DefaultValueFactory = _ => 1 };
        var precision = new Option<Precision>("--dtype") { Description = "What the UNet computes in", DefaultValueFactory = _ => Precision.Float32 };
        var device = new Option<string>("--device") { Description = Devices.Choices, DefaultValueFactory = _ => "cpu" };
        var threads = new Option<int>("--threads") { Description = "CPU threads", DefaultValueFactory = _ => Environment.ProcessorCount };
        var runs = new Option<int>("--runs") { Description = "Timed repetitions", DefaultValueFactory = _ => 10 };
        var tuning = EnumOption.Create<Tuning>("--tuning", "What the phase FineTune moves; LoRA has rank 4");
        var recompute = new Option<bool>("--recompute") { Description = "Compute each layer again on the way back" };
        var json = new Option<bool>("--json") { Description = "Print one JSON object" };
        var phase = new Option<BenchPhase?>("--phase") { Description = "Measure this phase in this process", Hidden = true };
        var command = new Command("bench", "Times every step of an edit on random weights and tells the memory that each needs")
        {
            config, latent, batch, precision, device, threads, runs, tuning, recompute, json, phase,
        };
        foreach (var option in (Option<int>[])[batch, threads, runs]) option.Validators.Add(RequirePositive);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var settings = new BenchSettings(
                parsed.GetRequiredValue(config), LatentSize.Parse(parsed.GetRequiredValue(latent)), parsed.GetValue(batch),
                parsed.GetValue(precision), Devices.Parse(parsed.GetRequiredValue(device)), parsed.GetValue(threads), parsed.GetValue(runs),
                parsed.GetValue(tuning) ?? default, parsed.GetValue(recompute));
            if (parsed.GetValue(phase) is { } one)
            {
                Console.WriteLine(JsonSerializer.Serialize(PhaseMeasurement.Run(one, settings), LabJson.Default.PhaseRecord));
                return ExitCode.Done;
            }

            return await RunAsync(settings, parsed.GetValue(json), cancellationToken);
        });
        return command;
    }

    private static async Task<int> RunAsync(BenchSettings settings, bool json, CancellationToken cancellationToken)
    {
        var phases = ImmutableArray.CreateBuilder<PhaseRecord>();
        foreach (var phase in Enum.GetValues<BenchPhase>())
        {
            var (code, record) = await MeasureAsync(phase, settings, cancellationToken);
            if (record is null) return code;
            phases.Add(record);
        }

        var bench = new BenchRecord(
            settings.Config, settings.Latent.ToString(), settings.Batch, settings.Precision.ToString(), settings.Device.ToString(),
            settings.Threads, settings.Runs, __version__, phases.ToImmutable());
        if (json) Console.WriteLine(JsonSerializer.Serialize(bench, LabJson.Default.BenchRecord));
        else Print(bench);
        return ExitCode.Done;
    }

    // A process for each phase: peak memory is the process's, and no phase inherits another's heap.
    private static async Task<(int Code, PhaseRecord? Record)> MeasureAsync(
        BenchPhase phase, BenchSettings settings, CancellationToken cancellationToken)
    {
        using var process = Process.Start(
            new ProcessStartInfo(Environment.ProcessPath!, settings.Arguments(phase)) { RedirectStandardOutput = true, UseShellExecute = false })!;
        try
        {
            var output = await process.StandardOutput.ReadToEndAsync(cancellationToken);
            await process.WaitForExitAsync(cancellationToken);
            return process.ExitCode == ExitCode.Done
                ? (ExitCode.Done, JsonSerializer.Deserialize(output, LabJson.Default.PhaseRecord))
                : (process.ExitCode, null); // what was wrong it has said on standard error
        }
        catch (OperationCanceledException)
        {
            process.Kill();
            throw;
        }
    }

    private static void Print(BenchRecord bench)
    {
        Console.WriteLine($"{bench.Config}: latent {bench.Latent}, batch {bench.Batch}, {bench.Precision}, {bench.Device}, libtorch {bench.Libtorch}, {bench.Threads} threads");
        var table = new Table().AddColumn("phase");
        foreach (var heading in (string[])["median ms", "fastest ms", "CPU ms", "peak MiB"])
            table.AddColumn(heading, column => column.RightAligned());
        foreach (var phase in bench.Phases)
            table.AddRow(phase.Phase.ToString(), $"{phase.MedianMs:F1}", $"{phase.MinMs:F1}", $"{phase.CpuMs:F1}", $"{phase.PeakMib:F0}");
        AnsiConsole.Write(table);
    }

    private static void RequirePositive(System.CommandLine.Parsing.OptionResult result)
    {
        if (result.GetValueOrDefault<int>() < 1) result.AddError($"{result.Option.Name} takes a number above 0.");
    }
}

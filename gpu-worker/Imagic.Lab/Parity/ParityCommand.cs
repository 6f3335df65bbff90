using System.CommandLine;
using System.Text.Json;
using Imagic.Cli.Models;
using Imagic.Editing;
using static TorchSharp.torch;

namespace Imagic.Lab.Parity;

/// <summary><c>imagic lab parity</c>: recomputes what the Python originals recorded and says how far off it is.</summary>
internal static class ParityCommand
{
    public static Command Create()
    {
        var folder = new Argument<string>("folder")
        {
            Description = "Model package with expected.json and expected.safetensors in it or in its folder check/",
        };
        var device = new Option<string>("--device")
        {
            Description = Devices.Choices, DefaultValueFactory = _ => "cpu",
        };
        var json = new Option<bool>("--json") { Description = "Print JSON, not a table" };
        var command = new Command("parity", "Compares every number with what the Python originals recorded")
        {
            folder, device, json,
        };
        command.SetAction(parsed => Run(
            parsed.GetRequiredValue(folder),
            Devices.Parse(parsed.GetRequiredValue(device)),
            parsed.GetValue(json),
            parsed.InvocationConfiguration.Output));
        return command;
    }

    /// <returns><see cref="ExitCode.CheckFailed"/> when anything is off or unknown.</returns>
    public static int Run(string folder, Device device, bool json, TextWriter output)
    {
        // The originals ran in float32; TensorFloat-32 has 10 bits of mantissa.
        backends.cuda.matmul.allow_tf32 = false;
        backends.cudnn.allow_tf32 = false;

        using var reference = ReferenceFolder.Open(folder, device);
        using var models = new LoadedModels(ModelFolders.OpenVerified(folder), ScalarType.Float32, device);

        var table = new ParityTable(output, reference.ExpectedNames.Max(name => name.Length));
        if (!json) table.WriteHeader();
        var comparisons = new List<Comparison>();
        foreach (var comparison in ParityRun.Compare(reference, models))
        {
            comparisons.Add(comparison);
            if (!json) table.Write(comparison);
        }

        var ok = comparisons.Count(comparison => comparison.IsOk);
        var failed = comparisons.Count - ok;
        var report = new ParityReport(folder, device.ToString(), ok, failed, comparisons);
        if (json) output.WriteLine(JsonSerializer.Serialize(report, LabJson.Indented.ParityReport));
        else table.WriteSummary(ok, failed);
        return failed == 0 ? ExitCode.Done : ExitCode.CheckFailed;
    }
}

using System.CommandLine;
using System.Globalization;
using Imagic.Diffusion.Packages;
using Imagic.Diffusion.UNet;
using Imagic.Editing.Memory;
using Imagic.Worker;
using Spectre.Console;
using TorchSharp;

namespace Imagic.Cli.Models;

/// <summary><c>imagic models plan</c>: what tuning a model takes, from its configuration alone.</summary>
internal static class PlanCommand
{
    public static Command Create()
    {
        var model = new Argument<string>("model") { Description = "Name of a shipped model, or the path of a package folder" };
        var memory = new Option<string?>("--memory") { Description = "Memory of the card, e.g. 16GB" };
        var device = new Option<DeviceKind?>("--device") { Description = "cuda or cpu", DefaultValueFactory = _ => DeviceKind.Cuda };
        var precision = EnumOption.Create<Precision>("--precision", "What the UNet computes in; bfloat16 on cuda, float32 on cpu");
        var batch = new Option<int>("--batch") { Description = "Noises and timesteps computed together: the batch divided by --accumulate", DefaultValueFactory = _ => 1 };
        var rank = new Option<int>("--rank") { Description = "Rank of LoRA's products", DefaultValueFactory = _ => FineTuneSettings.DefaultRank };
        var side = new Option<int?>("--side") { Description = "Side of a square picture; the model's own by default" };
        var command = new Command("plan", "Tells the memory that each way to tune a model needs") { model, memory, device, precision, batch, rank, side };
        command.SetAction(parsed =>
        {
            var kind = parsed.GetValue(device)!.Value;
            var dtype = (parsed.GetValue(precision) ?? (kind == DeviceKind.Cuda ? Precision.BFloat16 : Precision.Float32)).ToScalarType();
            Print(
                parsed.GetRequiredValue(model), parsed.GetValue(memory) is { } text ? ComputeArguments.ParseBytes("--memory", text) : null,
                kind == DeviceKind.Cuda ? DeviceType.CUDA : DeviceType.CPU, dtype,
                new(1, 1e-4) { Batch = parsed.GetValue(batch) }, parsed.GetValue(rank), parsed.GetValue(side));
            return ExitCode.Done;
        });
        return command;
    }

    private enum DeviceKind
    {
        Cuda,
        Cpu,
    }

    private static void Print(
        string model, long? bytes, DeviceType device, torch.ScalarType dtype, FineTuneSettings settings, int rank, int? asked)
    {
        var package = ModelFolders.Open(model);
        var (side, _) = package.ReadGeometry();
        var (pixels, latent) = (asked ?? side, package.LatentSide(asked ?? side));
        if (package.Family != ModelFamily.PixelCascade)
        {
            using var unet = package.DeclareUNet();
            Print(package.Name, unet, pixels, latent, bytes, device, dtype, settings, rank);
            return;
        }

        using var small = package.DeclareUNet();
        Print($"{package.Name}, base", small, latent, latent, bytes, device, dtype, settings, rank);
        using var large = package.DeclareSuperResolution();
        Print($"{package.Name}, super-resolution", large, pixels, pixels, bytes, device, dtype, settings, rank);
    }

    private static void Print(
        string name, UNet2DConditionModel unet, int pixels, int latent, long? bytes, DeviceType device, torch.ScalarType dtype, FineTuneSettings settings, int rank)
    {
        Terminal.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{name}: {unet.Parameters.Count / 1e6:F0} M weights, {pixels}x{pixels}, {dtype}, {settings.Batch} noises together. GB at the peak of a step of stage 2, estimated:"));
        var table = new Table().AddColumn("tuning").AddColumn("optimizer").AddColumn("memory saved by");
        foreach (var heading in (string[])["weights", "gradients", "moments", "masters", "activations", "all"]) table.AddColumn(heading, column => column.RightAligned());
        if (bytes is not null) table.AddColumn("fits");
        var ways = from tuning in Enum.GetValues<Tuning>()
                   from optimizer in Enum.GetValues<Optimizer>()
                   from rung in MemoryRung.Ladder
                   where !rung.Offload || device != DeviceType.CPU
                   select (tuning, optimizer, rung);
        foreach (var (tuning, optimizer, rung) in ways)
        {
            var need = MemoryPlan.Of(
                unet, settings with { Tuning = tuning, Optimizer = optimizer, Rank = tuning == Tuning.Lora ? rank : null }, (latent, latent), dtype, device, rung);
            string[] cells =
            [
                tuning.Name(), optimizer.Name(), rung.ToString(),
                .. new[] { need.Weights, need.Gradients, need.Moments, need.Masters, need.Activations, need.Total }.Select(part => (part / 1e9).ToString("F2", CultureInfo.InvariantCulture)),
                .. bytes is { } there ? [need.Total <= there ? "yes" : "no"] : Array.Empty<string>(),
            ];
            table.AddRow(cells);
        }

        var console = AnsiConsole.Console;
        console.Write(table);
    }
}

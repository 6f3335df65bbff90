using System.CommandLine;
using System.Globalization;
using Imagic.Diffusion;
using Imagic.Editing;
using Imagic.Storage;
using Imagic.Worker;

namespace Imagic.Cli.Export;

/// <summary><c>imagic export</c>: the tuned model of an edit for other programs, as a LoRA file or as a package.</summary>
internal static class ExportCommand
{
    public static Command Create()
    {
        var id = new Argument<string>("edit") { Description = $"Folder of an edit that was computed with --direct, or the id of one in the storage account in {StorageOptions.Connection}" };
        var lora = new Option<bool>("--lora") { Description = "Write LoRA's products alone, as diffusers and PEFT read them" };
        var output = new Option<string?>("--out", "-o") { Description = "File, or folder of the package, to write" };
        var model = new Option<string?>("--model") { Description = "The package that was tuned, where it is not among the models here" };
        var command = new Command("export", "Writes what an edit tuned as a package or LoRA file") { id, lora, output, model };
        command.SetAction((parsed, cancellationToken) => RunAsync(
            parsed.GetRequiredValue(id), parsed.GetValue(lora), parsed.GetValue(output), parsed.GetValue(model), cancellationToken));
        return command;
    }

    private static async Task<int> RunAsync(string id, bool lora, string? output, string? model, CancellationToken cancellationToken)
    {
        TorchLibrary.Load();
        using var fetched = Directory.Exists(id) ? null : OwnedFolder.Create(Path.Combine(Path.GetTempPath(), "imagic-export"), new LocalDisk());
        using var edit = fetched is null
            ? await TunedEdit.ReadAsync(id, cancellationToken)
            : await TunedEdit.FetchAsync(new(StorageOptions.FromEnvironment()), CommandLine.ParseEditId(id), fetched.Path, cancellationToken);
        var settings = edit.Record.Settings.FineTune;
        if (lora && settings.Tuning != Tuning.Lora)
            throw new BadInputException($"The edit's tuning is {settings.Tuning.Name()}, which is no LoRA. Leave --lora out to write a package.");
        var package = await edit.PackageAsync(model, cancellationToken);
        var name = Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(id)));
        var path = Path.GetFullPath(output ?? (lora ? $"{name}-lora.safetensors" : $"{name}-model"));
        if (lora) new LocalDisk().Do(path, () => TuningExport.WriteLora(package, settings, edit.Tuned, path));
        else WritePackage();
        Terminal.WriteLine(lora
            ? string.Create(CultureInfo.InvariantCulture, $"{path}: LoRA of rank {settings.Rank} for {package.Name}, {edit.Tuned.numel():N0} weights, alpha = rank")
            : string.Create(CultureInfo.InvariantCulture, $"{path}: {package.Name} with the tuned UNet ({settings.Tuning.Name()})"));
        return ExitCode.Done;

        // Under another name first: what has the name is whole.
        void WritePackage()
        {
            if (Path.Exists(path)) throw new BadInputException($"There is a '{path}' already. Name another with --out.");
            var partial = path + ".partial";
            LocalDisk.TryDelete(partial);
            new LocalDisk().Do(path, () =>
            {
                TuningExport.WritePackage(package, settings, edit.Tuned, partial, cancellationToken);
                Directory.Move(partial, path);
            });
        }
    }
}

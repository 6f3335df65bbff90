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
        var lora = new Option<bool>("--lora") { Description = "Write LoRA's products alone, as diffusers and PEFT read them; of a pixel cascade one file for each of its pipelines" };
        var output = new Option<string?>("--out", "-o") { Description = "File, or folder of a package or of a pixel cascade's files, to write" };
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
        FineTuneSettings[] tunings = [edit.Record.Settings.FineTune, .. edit.Record.Settings.SuperResolution is { } super ? [super.FineTune] : Array.Empty<FineTuneSettings>()];
        if (lora && Array.Find(tunings, settings => settings.Tuning != Tuning.Lora) is { } other)
            throw new BadInputException($"The edit's tuning is {other.Tuning.Name()}, which is no LoRA. Leave --lora out to write a package.");
        var package = await edit.PackageAsync(model, cancellationToken);
        var export = new TuningExport(package, edit.Record.Settings, edit.Tuned, edit.SuperResolution);
        var name = Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(id)));
        var path = Path.GetFullPath(output ?? (!lora ? $"{name}-model" : tunings.Length > 1 ? $"{name}-lora" : $"{name}-lora.safetensors"));
        if (!lora) WriteFolder(partial => export.WritePackage(partial, cancellationToken));
        else if (tunings.Length > 1) WriteFolder(export.WriteLora);
        else new LocalDisk().Do(path, () => export.WriteLora(path));
        var ranks = string.Join(" and ", tunings.Select(settings => settings.Rank).Distinct());
        var weights = edit.Tuned.numel() + (edit.SuperResolution?.numel() ?? 0);
        Terminal.WriteLine(lora
            ? string.Create(CultureInfo.InvariantCulture, $"{path}: LoRA of rank {ranks} for {package.Name}, {weights:N0} weights, alpha = rank")
            : $"{path}: {package.Name} with the tuned UNet{(tunings.Length > 1 ? "s" : "")} ({string.Join(" and ", tunings.Select(settings => settings.Tuning.Name()).Distinct())})");
        return ExitCode.Done;

        // Under another name first: what has the name is whole.
        void WriteFolder(Action<string> write)
        {
            if (Path.Exists(path)) throw new BadInputException($"There is a '{path}' already. Name another with --out.");
            var partial = path + ".partial";
            LocalDisk.TryDelete(partial);
            new LocalDisk().Do(path, () =>
            {
                write(partial);
                Directory.Move(partial, path);
            });
        }
    }
}

using System.CommandLine;
using System.Globalization;
using Imagic.Cli.Progress;
using Imagic.Contracts.Models;
using Imagic.Diffusion.Packages;
using Imagic.Editing;
using Imagic.Storage;
using Imagic.Worker;
using Spectre.Console;

namespace Imagic.Cli.Models;

/// <summary><c>imagic models push</c>: puts a package into the storage account, from where every worker fetches it.</summary>
internal static class PushCommand
{
    public static Command Create()
    {
        var model = new Argument<string>("model") { Description = "Path of a package folder, or name of a shipped or pulled model" };
        var name = new Option<string?>("--name") { Description = "What edits will ask for; the folder's name by default" };
        var half = new Option<bool>("--float16") { Description = "Store weights as float16: half the bytes to keep and to fetch" };
        var command = new Command("push", $"Uploads a package to the storage account in {StorageOptions.Connection}") { model, name, half };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var package = ModelFolders.OpenVerified(parsed.GetRequiredValue(model));
            var store = new ModelStore(new(StorageOptions.FromEnvironment()));
            var target = parsed.GetValue(name) ?? package.Name;
            using var copy = parsed.GetValue(half) ? OwnedFolder.Create(Path.Combine(Path.GetTempPath(), "imagic-float16"), new LocalDisk()) : null;
            if (copy is not null) package = HalfPrecision.Copy(package, copy.Path, cancellationToken);
            await PushAsync(store, target, package, AnsiConsole.Console, TimeProvider.System, cancellationToken);
            return ExitCode.Done;
        });
        return command;
    }

    private static async Task PushAsync(
        ModelStore store, string name, ModelPackage package, IAnsiConsole console, TimeProvider time, CancellationToken cancellationToken)
    {
        var started = time.GetTimestamp();
        var manifest = await WorkDisplay.RunAsync<ModelTransfer, ModelManifest>(
            console, time, name,
            transfer => new(
                transfer.File, transfer.Bytes, transfer.Of,
                string.Create(CultureInfo.InvariantCulture, $"{transfer.File}: {transfer.Bytes / 1e6:F0} of {transfer.Of / 1e6:F0} MB")),
            progress => store.PushAsync(name, package, progress, cancellationToken));
        var megabytes = manifest.Files.Sum(file => file.Length) / 1e6;
        console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{name}: {manifest.Files.Length} files, {megabytes:F1} MB, in {time.GetElapsedTime(started).TotalSeconds:F1} s; sha256 {manifest.Sha256}"));
    }
}

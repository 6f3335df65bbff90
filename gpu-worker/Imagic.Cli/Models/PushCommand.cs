using System.CommandLine;
using Imagic.Diffusion.Packages;
using Imagic.Runtime.Storage;
using Spectre.Console;

namespace Imagic.Cli.Models;

/// <summary><c>imagic models push</c>: puts a package into the storage account, from where every worker fetches it.</summary>
internal static class PushCommand
{
    private static readonly TimeSpan LineInterval = TimeSpan.FromSeconds(5);

    public static Command Create()
    {
        var model = new Argument<string>("model") { Description = "Path of a package folder, or name of a shipped model" };
        var name = new Option<string?>("--name") { Description = "What edits will ask for; the folder's name by default" };
        var half = new Option<bool>("--float16") { Description = "Store weights as float16: half the bytes to keep and to fetch" };
        var command = new Command("push", $"Uploads a package to the storage account in {StorageOptions.Connection}") { model, name, half };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var package = ModelFolders.OpenVerified(parsed.GetRequiredValue(model));
            var store = new ModelStore(new(StorageOptions.Read(Environment.GetEnvironmentVariable)));
            var target = parsed.GetValue(name) ?? package.Name;
            if (!parsed.GetValue(half))
            {
                await PushAsync(store, target, package, AnsiConsole.Console, TimeProvider.System, cancellationToken);
                return ExitCode.Done;
            }

            var folder = Directory.CreateTempSubdirectory("imagic-float16-").FullName;
            try
            {
                var copy = await HalfPrecision.CopyAsync(package, folder, cancellationToken);
                await PushAsync(store, target, copy, AnsiConsole.Console, TimeProvider.System, cancellationToken);
            }
            finally
            {
                Directory.Delete(folder, recursive: true);
            }

            return ExitCode.Done;
        });
        return command;
    }

    private static async Task PushAsync(
        ModelStore store, string name, ModelPackage package, IAnsiConsole console, TimeProvider clock, CancellationToken cancellationToken)
    {
        var started = clock.GetTimestamp();
        var manifest = console.Profile.Capabilities is { Interactive: true, Ansi: true }
            ? await console.Progress()
                .Columns(new TaskDescriptionColumn { Alignment = Justify.Left }, new ProgressBarColumn(), new PercentageColumn(), new RemainingTimeColumn())
                .StartAsync(context =>
                {
                    var bar = context.AddTask(Markup.Escape(name));
                    return store.PushAsync(name, package, new Bar(bar), cancellationToken);
                })
            : await store.PushAsync(name, package, new Lines(console, clock), cancellationToken);
        var megabytes = manifest.Files.Sum(file => file.Length) / 1e6;
        console.WriteLine(string.Create(
            System.Globalization.CultureInfo.InvariantCulture,
            $"{name}: {manifest.Files.Length} files, {megabytes:F1} MB, in {clock.GetElapsedTime(started).TotalSeconds:F1} s; sha256 {manifest.Sha256}"));
    }

    private sealed class Bar(ProgressTask task) : IProgress<ModelTransfer>
    {
        public void Report(ModelTransfer value)
        {
            task.MaxValue = Math.Max(1, value.Of);
            task.Value = Math.Max(task.Value, value.Bytes);
            task.Description = Markup.Escape(value.File);
        }
    }

    private sealed class Lines(IAnsiConsole console, TimeProvider clock) : IProgress<ModelTransfer>
    {
        private readonly Lock _lock = new();
        private long _last = clock.GetTimestamp();

        public void Report(ModelTransfer value)
        {
            lock (_lock)
            {
                if (clock.GetElapsedTime(_last) < LineInterval) return;
                _last = clock.GetTimestamp();
            }

            console.WriteLine(string.Create(
                System.Globalization.CultureInfo.InvariantCulture, $"{value.File}: {value.Bytes / 1e6:F0} of {value.Of / 1e6:F0} MB"));
        }
    }
}

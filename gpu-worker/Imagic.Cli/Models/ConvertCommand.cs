using System.CommandLine;
using System.Globalization;
using Imagic.Contracts.Models;
using Imagic.Diffusion.Schedulers;
using Imagic.Diffusion.SingleFile;
using Imagic.Editing;
using Imagic.Worker;
using Imagic.Worker.Models;

namespace Imagic.Cli.Models;

/// <summary><c>imagic models convert</c>: a checkpoint of a whole model in one file becomes a package.</summary>
internal static class ConvertCommand
{
    public static Command Create()
    {
        var file = new Argument<string>("file") { Description = "Stable Diffusion 1.x, 2.x or XL in one .safetensors file" };
        var tokenizer = new Option<string?>("--tokenizer") { Description = "Package that gives the vocabulary, which is not in the file: any of Stable Diffusion 1.x, 2.x or XL" };
        var folder = new Option<string>("--out", "-o") { Description = "Folder that the package's folder is made in; by default that of pulled models, where --model finds it by its name", DefaultValueFactory = _ => ModelFolders.Pulled, HelpName = "out" };
        var name = new Option<string?>("--name") { Description = "Name of the package's folder; the file's by default" };
        var prediction = EnumOption.Create<PredictionType>("--prediction", "What the model estimates, where it is not what most of its family do");
        var command = new Command("convert", "Makes a package of a checkpoint in one file") { file, tokenizer, folder, name, prediction };
        command.SetAction((parsed, cancellationToken) =>
        {
            var path = parsed.GetRequiredValue(file);
            var target = Path.GetFullPath(Path.Combine(parsed.GetRequiredValue(folder), NameOf(path, parsed.GetValue(name))));
            Convert(path, target, parsed.GetValue(tokenizer), parsed.GetValue(prediction), TimeProvider.System, cancellationToken);
            return Task.FromResult(ExitCode.Done);
        });
        return command;
    }

    private static void Convert(
        string file, string target, string? tokenizer, PredictionType? prediction, TimeProvider time, CancellationToken cancellationToken)
    {
        if (!File.Exists(file)) throw new BadInputException($"There is no file '{file}'.");
        if (Path.Exists(target)) throw new BadInputException($"There is something at {target} already. Take another --name or --out, or remove it.");
        SingleFileConverter.Check(file);
        var vocabulary = tokenizer is null
            ? throw new BadInputException(
                "A checkpoint in one file has no vocabulary, and none comes with this program. Name any package of Stable Diffusion on this machine with --tokenizer; CLIP's vocabulary is the same in all of them.")
            : Path.Combine(ModelFolders.Open(tokenizer).Folder, "tokenizer");
        var (started, disk, parent) = (time.GetTimestamp(), new LocalDisk(), Path.GetDirectoryName(target)!);
        disk.Do(target, () =>
        {
            // Under its name there is a whole package or none; what a killed conversion left, the next one removes.
            var unfinished = Path.Combine(parent, ".converting");
            try
            {
                using var work = OwnedFolder.Create(unfinished, disk);
                var package = Path.Combine(work.Path, Path.GetFileName(target));
                foreach (var notice in SingleFileConverter.Convert(file, package, vocabulary, prediction, cancellationToken)) Terminal.WriteLine(notice);
                ModelFolders.OpenVerified(package);
                Directory.Move(package, target);
            }
            finally
            {
                if (Directory.Exists(unfinished) && !Directory.EnumerateFileSystemEntries(unfinished).Any()) Directory.Delete(unfinished);
            }
        });
        var bytes = new DirectoryInfo(target).EnumerateFiles("*", SearchOption.AllDirectories).Sum(entry => entry.Length);
        Terminal.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{target}: {bytes / 1e6:F1} MB, in {time.GetElapsedTime(started).TotalSeconds:F1} s"));
    }

    private static string NameOf(string file, string? name)
    {
        var chosen = name ?? Path.GetFileNameWithoutExtension(file);
        return ModelManifest.IsName(chosen) ? chosen : throw new BadInputException($"'{chosen}' cannot be the name of a model: a name has {ModelManifest.NameRule}. Choose one with --name.");
    }
}

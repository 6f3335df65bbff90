using System.CommandLine;
using System.Globalization;
using Imagic.Editing;
using Imagic.Storage;
using Imagic.Worker.Models.Hub;

namespace Imagic.Cli.Models;

/// <summary><c>imagic models rm</c>: removes a pulled package, or one in the storage account.</summary>
internal static class RemoveCommand
{
    public static Command Create()
    {
        var name = new Argument<string>("name") { Description = "Name of the model" };
        var stored = new Option<bool>("--stored") { Description = $"From the storage account in {StorageOptions.Connection} instead; edits that need it then fail" };
        var command = new Command("rm", "Removes a pulled model, also one that was pulled in part") { name, stored };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var model = parsed.GetRequiredValue(name);
            var bytes = parsed.GetValue(stored)
                ? await new ModelStore(new(StorageOptions.FromEnvironment())).RemoveAsync(model, cancellationToken)
                : HubPull.Remove(ModelFolders.Pulled, model, new LocalDisk());
            if (bytes is null)
                throw new BadInputException($"There is no model '{model}' {(parsed.GetValue(stored) ? "in the storage account" : $"that was pulled, in {ModelFolders.Pulled}")}.");
            Terminal.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{model} is removed: {bytes / 1e6:F1} MB"));
            return ExitCode.Done;
        });
        return command;
    }
}

using System.CommandLine;
using System.Globalization;
using Imagic.Diffusion.Packages;
using Imagic.Diffusion.Weights;
using Imagic.Storage;
using Imagic.Worker.Models.Hub;

namespace Imagic.Cli.Models;

/// <summary><c>imagic models</c>: what is there, whether it is whole, and how it gets to the workers.</summary>
internal static class ModelsCommand
{
    public static Command Create()
    {
        var model = new Argument<string>("model") { Description = "Name of a shipped or pulled model, or the path of a package folder" };
        var verify = new Command("verify", "Checks that every weight that the configurations ask for is there with its shape") { model };
        verify.SetAction((parsed, cancellationToken) => VerifyAsync(parsed.GetRequiredValue(model), cancellationToken));
        var stored = new Option<bool>("--stored") { Description = $"Those in the storage account in {StorageOptions.Connection} instead" };
        var list = new Command("list", "Names the models that ship with the program and those that were pulled") { stored };
        list.SetAction((parsed, cancellationToken) => parsed.GetValue(stored) ? ListStoredAsync(cancellationToken) : Task.FromResult(List()));
        return new("models", "Fetches, converts, plans and uploads models")
        {
            list, verify, PlanCommand.Create(), PullCommand.Create(), ConvertCommand.Create(), PushCommand.Create(), RemoveCommand.Create(),
        };
    }

    private static int List()
    {
        foreach (var name in ModelFolders.Names)
        {
            Terminal.WriteLine($"{name}{(name == ModelFolders.Default ? " (default)" : "")}: {Describe(ModelFolders.Find(name, null)!)}");
        }

        return ExitCode.Done;
    }

    // One that cannot be read hides no other.
    private static string Describe(string folder)
    {
        var source = HubRecord.Find(folder) is { } hub ? $", {hub.Name}@{hub.Commit[..12]}{(hub.SuperResolution is { } second ? $" and {second[..(second.IndexOf('@') + 13)]}" : "")}{(hub.Variant is { } variant ? $" {variant}" : "")}, licence {hub.License ?? "not named"}" : "";
        try
        {
            var package = ModelPackage.Open(folder);
            var (side, _) = package.ReadGeometry();
            var weights = package.Verify().Components.Sum(component => component.ParameterCount);
            var bytes = package.Files().Sum(file => new FileInfo(file).Length);
            return string.Create(CultureInfo.InvariantCulture, $"{side}x{side} pixels, {weights / 1e6:F1} M weights, {bytes / 1e6:F1} MB, {package.Folder}{source}");
        }
        catch (ModelPackageException exception)
        {
            return $"NOT OK, {exception.Message}{source}";
        }
    }

    private static async Task<int> ListStoredAsync(CancellationToken cancellationToken)
    {
        var account = new StorageAccount(StorageOptions.FromEnvironment());
        var manifests = await new ModelStore(account).ListAsync(Terminal.WriteError, cancellationToken);
        foreach (var manifest in manifests)
        {
            Terminal.WriteLine(string.Create(
                CultureInfo.InvariantCulture, $"{manifest.Name}: {manifest.Files.Sum(file => file.Length) / 1e6:F1} MB, sha256 {manifest.Sha256}"));
        }

        if (manifests.Count == 0) Terminal.WriteLine($"There are no models at {account.Blobs.Uri}. Put one there with: imagic models push DIR");
        return ExitCode.Done;
    }

    /// <summary>Prints what is wrong with a package's components, and its hash when nothing is.</summary>
    public static async Task<int> VerifyAsync(string model, CancellationToken cancellationToken)
    {
        var package = ModelFolders.Open(model);
        var report = package.Verify();
        foreach (var component in report.Components)
            Terminal.WriteLine(component.Problem is { } problem ? $"{component.Name}: NOT OK  {problem}" : $"{component.Name}: ok{Weights(component.ParameterCount)}");
        if (!report.IsGood) return ExitCode.CheckFailed;
        Terminal.WriteLine($"sha256 {await package.HashAsync(cancellationToken)}");
        return ExitCode.Done;
    }

    private static string Weights(long count) => count > 0 ? $", {count:N0} weights" : "";
}

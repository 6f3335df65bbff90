using Imagic.Contracts.Models;
using Imagic.Diffusion.Packages;
using Imagic.Diffusion.Weights;
using Imagic.Editing;

namespace Imagic.Worker.Models.Hub;

/// <summary>A package that was pulled.</summary>
/// <param name="WasThere">The very same was pulled before.</param>
public sealed record PulledModel(ModelPackage Package, HubRecord Record, bool WasThere);

/// <summary>Puts packages of a hub into a folder of packages; each appears there whole, or not at all.</summary>
/// <param name="client">The hub.</param>
/// <param name="root">Folder of packages; what is fetched in part lies there too, under a hidden name.</param>
public sealed class HubPull(HubClient client, string root, LocalDisk disk, TimeProvider time)
{
    /// <summary>Fetches what a plan names, or goes on with it, and checks that the package can be used.</summary>
    /// <param name="plan">What to fetch.</param>
    /// <param name="name">What edits will ask for.</param>
    /// <param name="progress">Hears how far it is.</param>
    /// <param name="cancellationToken">Gives up; what was fetched is kept.</param>
    /// <exception cref="BadInputException">Another model has the name, or the package cannot be used.</exception>
    /// <exception cref="MachineException">The disk does not hold it.</exception>
    public async Task<PulledModel> RunAsync(HubPlan plan, string name, IProgress<ModelTransfer>? progress, CancellationToken cancellationToken)
    {
        if (!ModelManifest.IsName(name)) throw new BadInputException($"'{name}' cannot be the name of a model: a name has {ModelManifest.NameRule}. Give one with --name.");
        var home = Path.Combine(root, name);
        disk.Do(home, () => Directory.CreateDirectory(root));
        using var only = Lock(root, name, disk);
        var found = Find(plan, name, home);
        var second = plan.SuperResolution?.Model is { } two ? $"{two.Name}@{two.Commit}" : null;
        if (found is not null && found.Commit == plan.Model.Commit && found.SuperResolution == second && found.Variant == plan.Variant) return new(ModelPackage.Open(home), found, WasThere: true);

        var part = Path.Combine(root, $"{PartPrefix(name)}{plan.Sha256[..16]}");
        var package = OpenIndex(plan, part);
        var download = new HubDownload(client, plan, part, disk, time, progress);
        await download.RunAsync(cancellationToken);
        if (package.Verify().Components.FirstOrDefault(component => component.Problem is not null) is { } broken)
            throw new BadInputException($"'{plan.Model.Name}' came whole, but its {broken.Name} cannot be used. {broken.Problem} 'imagic models rm {name}' removes what was fetched.");
        var record = new HubRecord(
            client.Options.Address, plan.Model.Name, plan.Reference.Revision, plan.Model.Commit, plan.Variant,
            plan.Model.License, plan.Model.LicenseLink, plan.Model.Gated, plan.Notices, time.GetUtcNow(), second);
        disk.Do(home, () =>
        {
            download.Complete();
            record.Write(part);
            if (found is not null) Directory.Move(home, $"{part}.old");
            Directory.Move(part, home);
            foreach (var left in Parts(root, name)) LocalDisk.TryDelete(left);
        });
        return new(ModelPackage.Open(home), record, WasThere: false);
    }

    /// <summary>Removes a pulled package and what was fetched of it in part.</summary>
    /// <returns>Bytes that it took; null when there is none.</returns>
    /// <exception cref="BadInputException">It did not come from a hub, or is being pulled.</exception>
    public static long? Remove(string root, string name, LocalDisk disk)
    {
        var home = Path.Combine(root, name);
        if (!ModelManifest.IsName(name) || !Directory.Exists(root)) return null;
        using var only = Lock(root, name, disk);
        if (Directory.Exists(home) && HubRecord.Find(home) is null)
            throw new BadInputException($"{home} was not pulled from a hub; remove that folder yourself if it is to go.");
        return disk.Do(home, () =>
        {
            string[] folders = [.. new[] { home }.Where(Directory.Exists), .. Parts(root, name)];
            var bytes = folders.Sum(ModelFolders.SizeOf);
            foreach (var folder in folders) Directory.Delete(folder, recursive: true);
            return folders.Length == 0 ? default(long?) : bytes;
        });
    }

    private static HubRecord? Find(HubPlan plan, string name, string home)
    {
        if (!Directory.Exists(home)) return null;
        var found = HubRecord.Find(home) ?? throw new BadInputException($"There is a model '{name}' that was not pulled from a hub: {home}. Give another name with --name.");
        string?[] names = [found.Name, .. found.SuperResolution is { } second ? new[] { second.Split('@')[0] } : []];
        return names.SequenceEqual(plan.Models.Select(model => model.Name), StringComparer.OrdinalIgnoreCase)
            ? found
            : throw new BadInputException($"The name '{name}' is taken by '{string.Join("' and '", names)}'. Pull '{plan.Model.Name}' with --name under another, or remove that one with 'imagic models rm {name}'.");
    }

    // What is not supported is refused before gigabytes are fetched.
    private ModelPackage OpenIndex(HubPlan plan, string part)
    {
        disk.Do(Path.Combine(part, HubPlan.IndexName), () =>
        {
            foreach (var (folder, content) in plan.Indexes)
            {
                var home = Directory.CreateDirectory(Path.Combine(part, folder)).FullName;
                File.WriteAllBytes(Path.Combine(home, HubPlan.IndexName), content);
            }
        });
        try
        {
            return ModelPackage.Open(part);
        }
        catch (ModelPackageException exception)
        {
            LocalDisk.TryDelete(part);
            throw new BadInputException($"'{plan.Model.Name}' is of a kind that is not supported. {exception.Message}", exception);
        }
    }

    private static FolderUse Lock(string root, string name, LocalDisk disk)
    {
        var hidden = Path.Combine(root, $".{name}");
        return disk.Do(hidden, () => FolderUse.TryExclude(hidden)) ?? throw new BadInputException($"'{name}' is being pulled by another process. Wait for that one.");
    }

    private static string PartPrefix(string name) => $".{name}.part-";

    private static IEnumerable<string> Parts(string root, string name) => Directory.EnumerateDirectories(root, PartPrefix(name) + "*");
}

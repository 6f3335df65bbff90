using Imagic.Diffusion.Packages;

namespace Imagic.Worker.Models;

/// <summary>Finds model packages: by path, or by name among those that ship with the program and those that were pulled.</summary>
public static class ModelFolders
{
    /// <summary>The package that <c>edit</c> uses when none is named.</summary>
    public const string Default = "emoji-64";

    /// <summary>Folder that holds the packages of this installation.</summary>
    public static string Root { get; } = FindRoot();

    /// <summary>Folder of the packages that this user has pulled from a hub: below <c>IMAGIC_HOME</c>, else where a user's data belong.</summary>
    public static string Pulled { get; } = Path.Combine(
        Environment.GetEnvironmentVariable("IMAGIC_HOME") is { Length: > 0 } home
            ? Path.GetFullPath(home)
            : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.DoNotVerify), "imagic"),
        "models");

    /// <summary>Names of the packages that ship with the program, then of those that were pulled.</summary>
    public static IEnumerable<string> Names => [.. NamesIn(Root), .. NamesIn(Pulled).Except(NamesIn(Root))];

    /// <summary>Bytes of all files in a folder.</summary>
    public static long SizeOf(string folder) => new DirectoryInfo(folder).EnumerateFiles("*", SearchOption.AllDirectories).Sum(file => file.Length);

    /// <summary>Opens a package by its name or by the path of its folder.</summary>
    public static ModelPackage Open(string nameOrPath)
    {
        if (Directory.Exists(nameOrPath)) return ModelPackage.Open(nameOrPath);
        return Find(nameOrPath, null) is { } folder
            ? ModelPackage.Open(folder)
            : throw new BadInputException(
                $"There is no model '{nameOrPath}': neither a folder of that path nor one of the models here ({string.Join(", ", Names)}). To fetch one from a hub: imagic models pull OWNER/NAME");
    }

    /// <summary>Folder of the package with this name; null when there is none. A path is no name.</summary>
    /// <param name="name">Name that an edit asks for.</param>
    /// <param name="root">Folder of packages; null takes <see cref="Root"/>, then <see cref="Pulled"/>.</param>
    public static string? Find(string name, string? root)
    {
        if (name != Path.GetFileName(name) || name.Length == 0 || name[0] == '.') return null;
        return (root is null ? new[] { Root, Pulled } : [root]).Select(folder => Path.Combine(folder, name)).FirstOrDefault(Directory.Exists);
    }

    /// <summary>Opens a package that is going to be computed with: what is wrong with it is said now, not on the way.</summary>
    public static ModelPackage OpenVerified(string nameOrPath)
    {
        var package = Open(nameOrPath);
        return package.Verify().Components.FirstOrDefault(component => component.Problem is not null) is { } broken
            ? throw new BadInputException($"The model's {broken.Name} cannot be used. {broken.Problem}")
            : package;
    }

    private static IEnumerable<string> NamesIn(string root) => Directory.Exists(root)
        ? Directory.EnumerateDirectories(root).Where(IsPackage).Select(folder => Path.GetFileName(folder)).Where(name => name[0] != '.').Order()
        : [];

    // Of a pixel cascade the index is in the folder of each stage.
    private static bool IsPackage(string folder) =>
        File.Exists(Path.Combine(folder, "model_index.json")) || File.Exists(Path.Combine(folder, "stage_1", "model_index.json"));

    // Published programs carry the models beside them; in a checkout they lie in gpu-worker/models.
    private static string FindRoot()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            foreach (var candidate in new[] { "models", Path.Combine("gpu-worker", "models") })
            {
                var path = Path.Combine(folder.FullName, candidate);
                if (Directory.Exists(path)) return path;
            }
        }

        return Path.Combine(AppContext.BaseDirectory, "models");
    }
}

using Imagic.Diffusion.Packages;

namespace Imagic.Worker.Models;

/// <summary>Finds model packages: by path, or by name among those that ship with the program.</summary>
public static class ModelFolders
{
    /// <summary>The package that <c>edit</c> uses when none is named.</summary>
    public const string Default = "emoji-64";

    /// <summary>Folder that holds the packages of this installation.</summary>
    public static string Root { get; } = FindRoot();

    /// <summary>Names of the packages that ship with the program.</summary>
    public static IEnumerable<string> Names => Directory.Exists(Root)
        ? Directory.EnumerateDirectories(Root).Where(folder => File.Exists(Path.Combine(folder, "model_index.json"))).Select(folder => Path.GetFileName(folder)).Order()
        : [];

    /// <summary>Opens a package by its name or by the path of its folder.</summary>
    public static ModelPackage Open(string nameOrPath)
    {
        if (Directory.Exists(nameOrPath)) return ModelPackage.Open(nameOrPath);
        return Find(nameOrPath, null) is { } folder
            ? ModelPackage.Open(folder)
            : throw new BadInputException(
                $"There is no model '{nameOrPath}': neither a folder of that path nor one of the models that ship with the program ({string.Join(", ", Names)}).");
    }

    /// <summary>Folder of the package with this name; null when there is none. A path is no name.</summary>
    /// <param name="name">Name that an edit asks for.</param>
    /// <param name="root">Folder of packages; null takes <see cref="Root"/>.</param>
    public static string? Find(string name, string? root)
    {
        if (name != Path.GetFileName(name) || name.Length == 0 || name[0] == '.') return null;
        var folder = Path.Combine(root ?? Root, name);
        return Directory.Exists(folder) ? folder : null;
    }

    /// <summary>Opens a package that is going to be computed with: what is wrong with it is said now, not on the way.</summary>
    public static ModelPackage OpenVerified(string nameOrPath)
    {
        var package = Open(nameOrPath);
        return package.Verify().Components.FirstOrDefault(component => component.Problem is not null) is { } broken
            ? throw new BadInputException($"The model's {broken.Name} cannot be used. {broken.Problem}")
            : package;
    }

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

using System.Text.Json;

namespace Imagic.Lab.DataSet;

/// <summary>The folder with a package.json that pins packages, and its node_modules.</summary>
public sealed class NpmPackages(string folder)
{
    /// <summary>All of them let a model be trained and its weights be given away, with credit.</summary>
    private static readonly string[] Licences = ["MIT", "Apache-2.0", "CC-BY-4.0"];

    /// <exception cref="NotSetUpException">It is not installed, or not in the pinned version.</exception>
    /// <exception cref="DataSetException">Its licence is none of those that are accepted.</exception>
    public NpmPackage Find(string name)
    {
        using var installed = Open(Path.Combine(folder, "node_modules", name, "package.json"), name);
        using var pins = Open(Path.Combine(folder, "package.json"), name);
        var version = installed.RootElement.GetProperty("version").GetString()!;
        var licence = installed.RootElement.GetProperty("license").GetString()!;
        var pinned = pins.RootElement.GetProperty("dependencies").TryGetProperty(name, out var pin) ? pin.GetString() : null;
        if (pinned != version)
            throw new NotSetUpException($"{name} is installed in version {version}, pinned is {pinned ?? "none"}. {Remedy}");
        if (!Licences.Contains(licence))
            throw new DataSetException($"{name} {version} is under {licence}; only {string.Join(", ", Licences)} are used.");
        return new NpmPackage(name, version, licence, Path.Combine(folder, "node_modules", name));
    }

    private string Remedy => $"Run `npm ci --prefix {folder}`.";

    private JsonDocument Open(string path, string name) => File.Exists(path)
        ? JsonDocument.Parse(File.ReadAllBytes(path))
        : throw new NotSetUpException($"The npm package {name} is not installed: there is no {path}. {Remedy}");
}

/// <param name="Folder">Where its files are.</param>
public sealed record NpmPackage(string Name, string Version, string Licence, string Folder)
{
    public JsonDocument ReadJson(string file) => JsonDocument.Parse(File.ReadAllBytes(Path.Combine(Folder, file)));
}

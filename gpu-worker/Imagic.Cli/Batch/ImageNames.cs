using System.Collections.Immutable;
using System.Globalization;

namespace Imagic.Cli.Batch;

/// <summary>Gives pictures their names in storage: their path below the manifest's folder, or else their file name.</summary>
internal sealed class ImageNames(string folder)
{
    private readonly Dictionary<string, LocalImage> _byPath = [];
    private readonly HashSet<string> _taken = [];

    /// <summary>All pictures, in the order in which they were named.</summary>
    public ImmutableArray<LocalImage> Pictures => [.. _byPath.Values];

    /// <summary>Name of the picture that a line names; null when it is not on this machine.</summary>
    public string? Add(string source)
    {
        if (source.Contains('\0')) return null;
        var path = Path.GetFullPath(Path.Combine(folder, source));
        if (_byPath.TryGetValue(path, out var known)) return known.Name;
        if (!File.Exists(path)) return null;
        var relative = Path.GetRelativePath(folder, path);
        var wanted = Path.IsPathRooted(relative) || relative.Split('/')[0] == ".." ? Path.GetFileName(path) : relative;
        var name = wanted;
        for (var i = 2; !_taken.Add(name); i++) name = string.Create(CultureInfo.InvariantCulture, $"{i}-{wanted}");
        _byPath[path] = new(path, name);
        return name;
    }
}

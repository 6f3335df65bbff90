using Imagic.Diffusion.Configuration;
using Imagic.Diffusion.Weights;

namespace Imagic.Diffusion.Packages;

/// <summary>The open safetensors files of one component.</summary>
internal sealed class WeightFiles : IDisposable
{
    private WeightFiles(IReadOnlyList<SafetensorsFile> files) => Files = files;

    public IReadOnlyList<SafetensorsFile> Files { get; }

    /// <param name="folder">The component's folder.</param>
    /// <param name="stem">File name without extension, <c>model</c> or <c>diffusion_pytorch_model</c>.</param>
    /// <exception cref="ModelPackageException">There are no weights, none in a supported form, or a header is broken.</exception>
    public static WeightFiles Open(string folder, string stem)
    {
        var files = new List<SafetensorsFile>();
        try
        {
            foreach (var path in Find(folder, stem).Where(IsSafetensors)) files.Add(SafetensorsFile.Open(path));
            return new WeightFiles(files);
        }
        catch
        {
            files.ForEach(file => file.Dispose());
            throw;
        }
    }

    /// <summary>The files of a component's weights, full precision if it is there; with the index of sharded ones.</summary>
    /// <exception cref="ModelPackageException">There are no weights, or none in a supported form.</exception>
    public static IReadOnlyList<string> Find(string folder, string stem)
    {
        foreach (var variant in (string[])["", ".fp16"])
        {
            var single = Path.Combine(folder, $"{stem}{variant}.safetensors");
            if (File.Exists(single)) return [single];
            var index = Path.Combine(folder, $"{stem}.safetensors.index{variant}.json");
            if (File.Exists(index)) return [index, .. Shards(folder, index)];
        }

        var expected = Path.Combine(folder, $"{stem}.safetensors");
        if (Directory.Exists(folder) && Directory.EnumerateFiles(folder, $"{stem}.*.safetensors*").Select(Path.GetFileName).FirstOrDefault() is { } other)
        {
            throw new ModelPackageException(
                expected, $"there is only the variant {other}; those without a variant and .fp16 are read. Fetch one of them.");
        }

        if (Directory.Exists(folder) && Directory.EnumerateFiles(folder, "*.bin").Any())
        {
            throw new ModelPackageException(
                expected, "the folder has .bin weights only, which can run code when read; convert them to safetensors.");
        }

        throw new ModelPackageException(expected, "the file is missing from the package.");
    }

    public void Dispose()
    {
        foreach (var file in Files) file.Dispose();
    }

    private static bool IsSafetensors(string path) => path.EndsWith(".safetensors", StringComparison.Ordinal);

    private static List<string> Shards(string folder, string index)
    {
        var map = PackageJson.Read(index, DiffusionJson.Default.ShardIndex).WeightMap;
        List<string> names = [.. map?.Values.Distinct() ?? []];
        if (names.Count == 0) throw new ModelPackageException(index, "weight_map is empty, expected a file per key.");
        if (names.Find(name => Path.GetFileName(name) != name || !IsSafetensors(name)) is { } other)
        {
            throw new ModelPackageException(
                index, $"weight_map has '{other}', expected the name of a safetensors file in the same folder.");
        }

        return names.ConvertAll(name => Path.Combine(folder, name));
    }
}

internal sealed record ShardIndex(Dictionary<string, string>? WeightMap = null);

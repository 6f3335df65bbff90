using System.Text.Json;
using Imagic.Imaging;

namespace Imagic.Lab.DataSet;

/// <summary>Reads the folder that <see cref="DataSetBuilder"/> wrote.</summary>
public sealed class DataSetReader
{
    private readonly string _drawings;

    private DataSetReader(string folder, DataSetManifest manifest, IReadOnlyList<DataSetItem> items)
    {
        _drawings = Path.Combine(folder, DataSetBuilder.DrawingsFile);
        Manifest = manifest;
        Items = items;
    }

    public DataSetManifest Manifest { get; }

    /// <summary>Those for training first, then those held out.</summary>
    public IReadOnlyList<DataSetItem> Items { get; }

    /// <summary>Width and height of every drawing, pixels.</summary>
    public int Side => Manifest.Side;

    /// <exception cref="DataSetException">The folder is no data set, is not whole, or of another version.</exception>
    public static DataSetReader Open(string folder)
    {
        var path = Path.Combine(folder, DataSetBuilder.ManifestFile);
        if (!File.Exists(path))
            throw new DataSetException($"'{folder}' holds no whole data set: {DataSetBuilder.ManifestFile} is missing. Make it with: imagic lab dataset --out {folder}");
        var manifest = ReadManifest(path, folder);
        var items = File.ReadLines(Path.Combine(folder, DataSetBuilder.ItemsFile))
            .Select(line => JsonSerializer.Deserialize(line, LabJson.Default.DataSetItem)!).ToArray();
        var length = new FileInfo(Path.Combine(folder, DataSetBuilder.DrawingsFile)) is { Exists: true } file ? file.Length : 0;
        if (items.Length != manifest.Drawings || length != (long)manifest.Drawings * manifest.Side * manifest.Side * 4)
            throw new DataSetException($"'{folder}' does not hold what its manifest tells. Make it again with: imagic lab dataset --out {folder}");
        return new(folder, manifest, items);
    }

    private static DataSetManifest ReadManifest(string path, string folder)
    {
        try
        {
            return Versioning.Read(File.ReadAllBytes(path), LabJson.Indented.DataSetManifest, path);
        }
        catch (SchemaException exception)
        {
            throw new DataSetException($"'{folder}' was made by another version. Make it again with: imagic lab dataset --out {folder}", exception);
        }
    }

    /// <summary>All drawings, (Drawings, Side, Side, 4), premultiplied.</summary>
    public byte[] ReadAll() => File.ReadAllBytes(_drawings);

    /// <summary>One drawing on a colour.</summary>
    public RgbImage Picture(int index, Background background)
    {
        ArgumentNullException.ThrowIfNull(background);
        using var file = File.OpenHandle(_drawings);
        var drawing = new byte[Side * Side * 4];
        RandomAccess.Read(file, drawing, (long)index * drawing.Length);
        return background.Behind(drawing, Side);
    }
}

/// <summary>The data set cannot be built from what there is; the sentence says why and what to do.</summary>
public sealed class DataSetException(string message, Exception? inner = null)
    : ImagicException("data-set-unusable", FaultKind.Failed, message, inner);

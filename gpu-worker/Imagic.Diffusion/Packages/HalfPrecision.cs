using Imagic.Diffusion.Weights;
using static TorchSharp.torch;

namespace Imagic.Diffusion.Packages;

/// <summary>Copies packages with float16 weights: half the bytes to keep and to fetch, 11 bits of each weight's mantissa.</summary>
public static class HalfPrecision
{
    private const float Largest = 65504; // of float16

    /// <summary>Writes a copy of a package whose floating-point weights are float16; file names stay the same.</summary>
    /// <param name="package">What to copy; weights that are float16 already are copied as they are.</param>
    /// <param name="folder">Where to; made when it is not there.</param>
    /// <param name="cancellationToken">Gives up between two files.</param>
    /// <exception cref="ModelPackageException">A file is missing or broken, or a weight has no place in float16.</exception>
    public static ModelPackage Copy(ModelPackage package, string folder, CancellationToken cancellationToken)
    {
        foreach (var path in package.Files())
        {
            cancellationToken.ThrowIfCancellationRequested();
            var copy = Path.Combine(folder, Path.GetRelativePath(package.Folder, path));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            if (path.EndsWith(".safetensors", StringComparison.Ordinal)) Convert(path, copy);
            else File.Copy(path, copy, overwrite: true);
        }

        return ModelPackage.Open(folder);
    }

    private static void Convert(string path, string copy)
    {
        using var file = SafetensorsFile.Open(path);
        // In the order of the file, so that the same package gives the same bytes.
        TensorToWrite[] halves =
        [
            .. from entry in file.Entries.Values.OrderBy(entry => entry.Offset)
               select new TensorToWrite(entry.Name, is_floating_point(entry.Dtype) ? ScalarType.Float16 : entry.Dtype, entry.Shape, () => Halve(file, entry)),
        ];
        using var stream = File.Create(copy);
        SafetensorsWriter.Write(stream, halves, file.Metadata);
    }

    private static Tensor Halve(SafetensorsFile file, SafetensorsEntry entry)
    {
        using var scope = NewDisposeScope();
        var value = file.ReadTensor(entry.Name);
        if (!value.is_floating_point() || entry.Dtype == ScalarType.Float16) return value.MoveToOuterDisposeScope();
        var largest = entry.Count == 0 ? 0 : value.to(ScalarType.Float32).abs().max().item<float>();
        if (!(largest <= Largest))
        {
            throw new ModelPackageException(
                file.Name, $"'{entry.Name}' has a weight of magnitude {largest:G6}, float16 ends at {Largest}. Keep the package in its own precision.");
        }

        return value.to(ScalarType.Float16).MoveToOuterDisposeScope();
    }
}

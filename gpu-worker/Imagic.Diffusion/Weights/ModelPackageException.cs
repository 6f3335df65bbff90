namespace Imagic.Diffusion.Weights;

/// <summary>A model package is broken, incomplete or of a kind that is not supported.</summary>
public sealed class ModelPackageException(string file, string problem, Exception? inner = null)
    : Exception($"{file}: {problem}", inner)
{
    /// <summary>The file that is at fault.</summary>
    public string File { get; } = file;

    /// <summary>Whether nothing is known against the package: this machine's disk does not give the file.</summary>
    public bool IsDiskFailure => InnerException is UnauthorizedAccessException or IOException and not (FileNotFoundException or DirectoryNotFoundException);
}

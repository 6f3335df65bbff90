namespace Imagic.Diffusion.Tests;

/// <summary>A folder of its own that is deleted with all that is in it.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    public string Root { get; } = Directory.CreateTempSubdirectory("imagic-").FullName;

    public string Path(params string[] parts) => System.IO.Path.Combine([Root, .. parts]);

    public void CopyFrom(string folder)
    {
        foreach (var source in Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories))
        {
            var target = Path(System.IO.Path.GetRelativePath(folder, source));
            Directory.CreateDirectory(System.IO.Path.GetDirectoryName(target)!);
            File.Copy(source, target);
        }
    }

    public void Dispose() => Directory.Delete(Root, recursive: true);
}

namespace Imagic.Tests;

/// <summary>Paths inside the checkout, found from wherever the test binaries are.</summary>
internal static class RepositoryFiles
{
    public static string Root { get; } = Find();

    public static string Fixtures => Path.Combine(Root, "tests", "fixtures");

    public static string Fixture(string name) => Path.Combine(Fixtures, name);

    public static string Model(string name) => Path.Combine(Root, "gpu-worker", "models", name);

    private static string Find()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "Imagic.Cloud.sln"))) folder = folder.Parent;
        return folder?.FullName ?? throw new DirectoryNotFoundException("The tests do not run inside a checkout.");
    }
}

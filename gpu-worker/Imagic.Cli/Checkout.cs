using Imagic.Cli.Up;

namespace Imagic.Cli;

/// <summary>The clone of the repository that the program was built in, if it was; a published program has none.</summary>
internal static class Checkout
{
    /// <summary>Its root; null where there is none.</summary>
    public static string? Root { get; } = Find();

    /// <summary>Where a pipeline on this machine keeps what it has to remember; it need not be there yet.</summary>
    public static string StateFolder { get; } = Path.Combine(Root ?? Directory.GetCurrentDirectory(), ".imagic");

    /// <summary>Where this machine keeps the key that its results are signed with.</summary>
    public static string SigningFile { get; } = Path.Combine(StateFolder, "signing.pem");

    public static string Command { get; } = Root is null ? "imagic" : "./imagic";

    private static string? Find()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Imagic.Cloud.sln"))) return folder.FullName;
        }

        return null;
    }
}

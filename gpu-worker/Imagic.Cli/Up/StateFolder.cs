namespace Imagic.Cli.Up;

/// <summary>Where a pipeline on this machine keeps what it has to remember: <c>.imagic</c> in the checkout, or in the current folder.</summary>
internal static class StateFolder
{
    /// <summary>Full path; it need not be there yet.</summary>
    public static string Path { get; } = System.IO.Path.Combine(Root(), ".imagic");

    private static string Root()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(System.IO.Path.Combine(folder.FullName, "Imagic.Cloud.sln"))) return folder.FullName;
        }

        return Directory.GetCurrentDirectory();
    }
}

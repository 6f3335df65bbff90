namespace Imagic.Cli.Up;

/// <summary>Finds the built function app: beside a published program, in a checkout's build outputs, or where somebody says.</summary>
internal static class FunctionsFolder
{
    // Every function app has one.
    private const string HostFile = "host.json";

    /// <summary>Full path of the folder.</summary>
    /// <param name="given">What the command line says; null searches.</param>
    /// <exception cref="BadInputException">The folder that was given is no function app.</exception>
    /// <exception cref="NotSetUpException">There is none.</exception>
    public static string Find(string? given)
    {
        if (given is not null)
        {
            return IsApp(given)
                ? Path.GetFullPath(given)
                : throw new BadInputException($"There is no function app in '{given}': it has no {HostFile}.");
        }

        // "release" or "debug": the app is taken from the same build as the program.
        var configuration = Path.GetFileName(Path.TrimEndingDirectorySeparator(AppContext.BaseDirectory));
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            foreach (var candidate in new[] { "functions-app", Path.Combine("artifacts", "bin", "Imagic.Functions", configuration) })
            {
                var path = Path.Combine(folder.FullName, candidate);
                if (IsApp(path)) return path;
            }
        }

        throw new NotSetUpException("The function app is not built. Run ./imagic setup in the checkout, or name its folder with --functions.");
    }

    private static bool IsApp(string folder) => File.Exists(Path.Combine(folder, HostFile));
}

namespace Imagic.LocalHost.Processes;

/// <summary>Finds programs.</summary>
internal static class Executables
{
    /// <summary>Full path of a program given by its path, or by its name on the PATH; null when there is none.</summary>
    public static string? Find(string program)
    {
        if (program.Contains('/')) return File.Exists(program) ? Path.GetFullPath(program) : null;
        return (Environment.GetEnvironmentVariable("PATH") ?? "")
            .Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
            .Select(folder => Path.Combine(folder, program))
            .FirstOrDefault(File.Exists);
    }
}

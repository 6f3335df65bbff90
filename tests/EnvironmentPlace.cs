using System.Globalization;
using Imagic.LocalHost.Azurite;

namespace Imagic.Tests;

/// <summary>Free ports and a folder for a pipeline of a test's own.</summary>
internal sealed class EnvironmentPlace : IDisposable
{
    private readonly TemporaryFolder _data = new();
    private readonly string _port = Port();
    private readonly string _blobPort = Port();
    private readonly string _queuePort = Port();

    public string[] Arguments => ["--port", _port, "--blob-port", _blobPort, "--queue-port", _queuePort, "--data", DataFolder];

    public string Server => $"http://127.0.0.1:{_port}";

    /// <summary>Where its blobs are: an origin of their own.</summary>
    public string Storage => $"http://127.0.0.1:{_blobPort}";

    public string DataFolder => Path.Combine(_data.Path, "azurite");

    public string ConnectionString => AzuriteProcess.ConnectionString(
        AzuriteAccount.WellKnown, int.Parse(_blobPort, CultureInfo.InvariantCulture), int.Parse(_queuePort, CultureInfo.InvariantCulture));

    /// <summary>Command lines of processes that belong to this pipeline: each knows its storage's port, by argument or by variable.</summary>
    public List<string> Processes()
    {
        var found = new List<string>();
        foreach (var folder in Directory.EnumerateDirectories("/proc").Where(path => int.TryParse(Path.GetFileName(path), CultureInfo.InvariantCulture, out _)))
        {
            var command = Read(Path.Combine(folder, "cmdline"));
            // A zombie has neither.
            if (command.Contains(_blobPort, StringComparison.Ordinal) || Read(Path.Combine(folder, "environ")).Contains($"127.0.0.1:{_blobPort}/", StringComparison.Ordinal))
                found.Add($"{Path.GetFileName(folder)}: {command.Replace('\0', ' ')}");
        }

        return found;
    }

    /// <summary>Ids of its worker processes.</summary>
    public List<int> Workers() =>
        [.. Processes().Where(process => process.Contains("imagic worker", StringComparison.Ordinal)).Select(process => int.Parse(process[..process.IndexOf(':', StringComparison.Ordinal)], CultureInfo.InvariantCulture))];

    public void Dispose() => _data.Dispose();

    private static string Port() => AzuriteProcess.FreePort().ToString(CultureInfo.InvariantCulture);

    private static string Read(string path)
    {
        try
        {
            return File.ReadAllText(path);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return ""; // it has ended meanwhile, or is not ours
        }
    }
}

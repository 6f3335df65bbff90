using System.Globalization;
using Microsoft.Extensions.Logging;

namespace Imagic.Cli.Up;

/// <summary>Writes lines to a file as they come; whoever reads it later sees the newest run only.</summary>
internal sealed class FileLog : EnvironmentLog, IDisposable
{
    private readonly Lock _lock = new();
    private readonly TimeProvider _time;
    private StreamWriter? _writer;

    /// <summary>Names the file. It begins anew with the first line: until then it may belong to another process.</summary>
    public FileLog(string path, TimeProvider time) => (Path, _time) = (path, time);

    public string Path { get; }

    public override void Write(string source, LogLevel level, string text)
    {
        lock (_lock)
        {
            _writer ??= Open();
            _writer.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{_time.GetUtcNow():yyyy-MM-ddTHH:mm:ss.fffZ} {source}: {Format(level, text)}"));
        }
    }

    public void Dispose()
    {
        lock (_lock) _writer?.Dispose();
    }

    // Shared, so that one can look into it while the command runs.
    private StreamWriter Open()
    {
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(Path)!);
        return new(new FileStream(Path, FileMode.Create, FileAccess.Write, FileShare.ReadWrite)) { AutoFlush = true };
    }
}

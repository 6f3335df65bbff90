using System.Text.Json;

namespace Imagic.LocalHost.TestApp;

/// <summary>Writes what happens to a file, a JSON object a line; the file outlives a crash.</summary>
internal sealed class Recorder(string path)
{
    private readonly Lock _lock = new();

    /// <summary>Whether a worker has written before, this one or one before it.</summary>
    public bool HasWritten => File.Exists(path);

    /// <summary>Writes one line.</summary>
    public void Write(string kind, string function, string body, IEnumerable<KeyValuePair<string, string>> headers)
    {
        using var line = new MemoryStream();
        using (var json = new Utf8JsonWriter(line))
        {
            json.WriteStartObject();
            json.WriteString("kind", kind);
            json.WriteString("function", function);
            json.WriteString("body", body);
            json.WriteNumber("milliseconds", Environment.TickCount64);
            json.WriteNumber("process", Environment.ProcessId);
            json.WriteStartObject("headers");
            foreach (var (name, value) in headers) json.WriteString(name, value);
            json.WriteEndObject();
            json.WriteEndObject();
        }

        line.WriteByte((byte)'\n');
        lock (_lock) File.AppendAllBytes(path, line.ToArray());
    }
}

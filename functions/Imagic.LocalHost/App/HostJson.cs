using System.Text.Json;

namespace Imagic.LocalHost.App;

/// <summary>How messages of queues are handed out; the defaults are those of the host on a developer's machine.</summary>
internal sealed record QueueSettings
{
    /// <summary>Messages fetched at once; the service gives at most 32.</summary>
    public int BatchSize { get; init; } = 16;

    /// <summary>More are fetched when no more than this are being handled.</summary>
    public int? NewBatchThreshold { get; init; }

    /// <summary>Times that a message is tried before it goes to the poison queue.</summary>
    public int MaxDequeueCount { get; init; } = 5;

    /// <summary>Pause before a message that failed is tried again.</summary>
    public TimeSpan VisibilityTimeout { get; init; }

    /// <summary>Longest pause between two looks at an empty queue.</summary>
    public TimeSpan MaxPollingInterval { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>Whether texts of messages are base64.</summary>
    public bool IsBase64 { get; init; } = true;

    /// <summary>The threshold that holds.</summary>
    public int EffectiveNewBatchThreshold => NewBatchThreshold ?? BatchSize / 2 * Environment.ProcessorCount;
}

/// <summary>The parts of <c>host.json</c> that mean something to a custom handler with HTTP and queue triggers.</summary>
/// <param name="Executable">Full path of the handler.</param>
/// <param name="Arguments">Its arguments.</param>
/// <param name="WorkingDirectory">Where it runs.</param>
internal sealed record HostJson(string Executable, IReadOnlyList<string> Arguments, string WorkingDirectory)
{
    /// <summary>Whether plain HTTP functions get the request as it came.</summary>
    public bool ProxiesHttp { get; init; }

    /// <summary>Longest run of a function; null is for ever.</summary>
    public TimeSpan? FunctionTimeout { get; init; } = TimeSpan.FromMinutes(30);

    /// <summary>What all routes begin with.</summary>
    public string RoutePrefix { get; init; } = "api";

    /// <summary>Queues.</summary>
    public QueueSettings Queues { get; init; } = new();
}

/// <summary>Reads <c>host.json</c>.</summary>
internal sealed class HostJsonReader(string folder, AppSettings settings)
{
    private const string Name = "host.json";

    private readonly JsonFile _file = new(Path.Combine(folder, Name), Name);

    /// <summary>Reads it.</summary>
    /// <exception cref="FunctionAppException">It is missing, broken, or asks for what is not supported.</exception>
    public HostJson Read()
    {
        var root = _file.ReadObject();
        if (_file.Text(root, "version") is var version && version != "2.0")
            throw _file.Problem($"has version '{version}'; write \"version\": \"2.0\"");
        var handler = _file.Object(root, "customHandler")
            ?? throw _file.Problem("has no 'customHandler'; only custom handlers run here");
        var description = _file.Object(handler, "description") ?? throw _file.Problem("has no 'customHandler.description'");
        var program = settings.Expand(
            _file.Text(description, "defaultExecutablePath") ?? throw _file.Problem("has no 'customHandler.description.defaultExecutablePath'"), Name);
        var workingDirectory = Path.GetFullPath(
            Path.Combine(folder, settings.Expand(_file.Text(description, "workingDirectory") ?? "", Name)));
        if (!Directory.Exists(workingDirectory)) throw _file.Problem($"names the working directory '{workingDirectory}', which does not exist");
        var proxies = _file.Flag(handler, "enableProxyingHttpRequest") ?? false;
        if (!proxies && _file.Flag(handler, "enableForwardingHttpRequest") == true)
            throw _file.Problem("has 'enableForwardingHttpRequest', which drops chunked bodies; use 'enableProxyingHttpRequest'");
        var extensions = _file.Object(root, "extensions");
        var http = extensions is { } all ? _file.Object(all, "http") : null;
        var queues = extensions is { } some ? _file.Object(some, "queues") : null;
        return new(
            Processes.Executables.Find(program, workingDirectory, folder)
                ?? throw _file.Problem($"starts '{program}', which is neither a file of the app nor on the PATH"),
            [.. _file.Texts(description, "arguments").Select(argument => settings.Expand(argument, Name))],
            workingDirectory)
        {
            ProxiesHttp = proxies,
            FunctionTimeout = Timeout(root),
            RoutePrefix = http is { } section && _file.Text(section, "routePrefix") is { } prefix ? prefix.Trim('/') : "api",
            Queues = queues is { } given ? ReadQueues(given) : new(),
        };
    }

    private TimeSpan? Timeout(JsonElement root) => _file.Text(root, "functionTimeout") switch
    {
        null => TimeSpan.FromMinutes(30),
        "-1" => null,
        _ => _file.Time(root, "functionTimeout") is { Ticks: > 0 } timeout
            ? timeout
            : throw _file.Problem("has a 'functionTimeout' that is not positive; write \"00:05:00\", or \"-1\" for none"),
    };

    private QueueSettings ReadQueues(JsonElement section)
    {
        var standard = new QueueSettings();
        var read = new QueueSettings
        {
            BatchSize = _file.Number(section, "batchSize") ?? standard.BatchSize,
            NewBatchThreshold = _file.Number(section, "newBatchThreshold"),
            MaxDequeueCount = _file.Number(section, "maxDequeueCount") ?? standard.MaxDequeueCount,
            VisibilityTimeout = _file.Time(section, "visibilityTimeout") ?? standard.VisibilityTimeout,
            MaxPollingInterval = _file.Time(section, "maxPollingInterval") ?? standard.MaxPollingInterval,
            IsBase64 = (_file.Text(section, "messageEncoding") ?? "base64").ToLowerInvariant() switch
            {
                "base64" => true,
                "none" => false,
                var other => throw _file.Problem($"has the messageEncoding '{other}'; there are 'base64' and 'none'"),
            },
        };
        if (read.BatchSize is < 1 or > 32) throw _file.Problem("has a 'batchSize' that is not between 1 and 32");
        if (read.NewBatchThreshold < 0) throw _file.Problem("has a negative 'newBatchThreshold'");
        if (read.MaxDequeueCount < 1) throw _file.Problem("has a 'maxDequeueCount' below 1");
        if (read.VisibilityTimeout < TimeSpan.Zero) throw _file.Problem("has a negative 'visibilityTimeout'");
        if (read.MaxPollingInterval < TimeSpan.FromMilliseconds(100)) throw _file.Problem("has a 'maxPollingInterval' below 100 ms");
        return read;
    }
}

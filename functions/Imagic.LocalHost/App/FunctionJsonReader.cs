using System.Text.Json;
using Imagic.Runtime.Storage;

namespace Imagic.LocalHost.App;

/// <summary>Reads one <c>function.json</c>.</summary>
internal sealed class FunctionJsonReader(string folder, AppSettings settings)
{
    /// <summary>Name of the file in the function's folder.</summary>
    public const string FileName = "function.json";

    private const string Supported = "This host knows httpTrigger (in) with http (out), and queueTrigger (in) alone";

    private static readonly string[] Connections = [StorageOptions.Connection, "AzureWebJobsStorage"];

    private readonly string _name = Path.GetFileName(folder);
    private readonly string _label = $"{Path.GetFileName(folder)}/{FileName}";
    private readonly JsonFile _file = new(Path.Combine(folder, FileName), $"{Path.GetFileName(folder)}/{FileName}");

    /// <summary>Reads it; null when the function is disabled.</summary>
    /// <exception cref="FunctionAppException">It is broken, or asks for what is not supported.</exception>
    public FunctionDefinition? Read()
    {
        var root = _file.ReadObject();
        if (_file.Flag(root, "disabled") == true) return null;
        if (_file.Object(root, "retry") is not null) throw _file.Problem("has a 'retry' policy, which this host does not know");
        var bindings = _file.Objects(root, "bindings");
        var inputs = bindings.Where(binding => Direction(binding) == "in").ToList();
        var outputs = bindings.Where(binding => Direction(binding) == "out").ToList();
        return (inputs, outputs) switch
        {
            ([var http], [var answer]) when Type(http) == "httptrigger" && Type(answer) == "http" => Http(http, answer),
            ([var queue], []) when Type(queue) == "queuetrigger" => Queue(queue),
            _ => throw _file.Problem(
                $"has the bindings [{string.Join(", ", bindings.Select(binding => $"{_file.Text(binding, "type")} ({Direction(binding)})"))}]. {Supported}"),
        };
    }

    private HttpFunction Http(JsonElement request, JsonElement answer)
    {
        var output = Required(answer, "name");
        if (output == "$return") throw _file.Problem("names its http output '$return'; give it a name such as 'res'");
        return new(
            _name,
            Required(request, "name"),
            output,
            _file.Text(request, "route") is { } route ? settings.Expand(route, _label).Trim('/') : _name,
            [.. _file.Texts(request, "methods").Select(method => method.ToUpperInvariant())]);
    }

    private QueueFunction Queue(JsonElement queue)
    {
        var connection = _file.Text(queue, "connection") is { Length: > 0 } given ? given : Connections[1];
        if (!Connections.Contains(connection, StringComparer.OrdinalIgnoreCase))
            throw _file.Problem($"uses the connection '{connection}'; this host has {string.Join(" and ", Connections)}");
        if (_file.Text(queue, "dataType") is { } type && !type.Equals("string", StringComparison.OrdinalIgnoreCase))
            throw _file.Problem($"has the dataType '{type}'; this host hands out messages as strings");
        return new(_name, Required(queue, "name"), settings.Expand(Required(queue, "queueName"), _label));
    }

    private string Required(JsonElement binding, string member) =>
        _file.Text(binding, member) is { Length: > 0 } text ? text : throw _file.Problem($"has a {_file.Text(binding, "type")} without '{member}'");

    private string Type(JsonElement binding) => (_file.Text(binding, "type") ?? throw _file.Problem("has a binding without 'type'")).ToLowerInvariant();

    private string Direction(JsonElement binding) => (_file.Text(binding, "direction") ?? "in").ToLowerInvariant();
}

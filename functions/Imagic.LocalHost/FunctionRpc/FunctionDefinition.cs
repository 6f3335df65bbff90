using System.Text.Json;
using Imagic.Storage;
using NCrontab;

namespace Imagic.LocalHost.FunctionRpc;

/// <summary>A function, as the worker tells of it.</summary>
/// <param name="Id">What the worker calls it.</param>
/// <param name="Name">Its name.</param>
/// <param name="Input">Name of the parameter that is its trigger.</param>
internal abstract record FunctionDefinition(string Id, string Name, string Input)
{
    private static readonly string[] Connections = [StorageOptions.Connection, "AzureWebJobsStorage"];

    /// <summary>Reads the worker's description.</summary>
    /// <exception cref="FunctionAppException">It has a trigger or a binding that is not known here.</exception>
    public static FunctionDefinition Read(RpcFunctionMetadata metadata)
    {
        var bindings = metadata.RawBindings.Select(json => JsonSerializer.Deserialize(json, BindingJsonContext.Default.Binding)!).ToList();
        var inputs = bindings.Where(binding => binding.Type != "http").ToList();
        return inputs is not [var trigger] ? throw Problem($"has {inputs.Count} bindings beside its answer; this host knows one, the trigger") : trigger.Type switch
        {
            "httpTrigger" => new HttpFunction(
                metadata.FunctionId, metadata.Name, trigger.Name, (trigger.Route ?? metadata.Name).Trim('/'), trigger.Methods ?? []),
            "queueTrigger" when !Connections.Contains(trigger.Connection ?? Connections[1], StringComparer.OrdinalIgnoreCase) =>
                throw Problem($"uses the connection '{trigger.Connection}'; this host has {string.Join(" and ", Connections)}"),
            "queueTrigger" when trigger.Properties?.ContainsKey("supportsDeferredBinding") != true =>
                throw Problem("takes something else than a QueueMessage, in which alone this host hands out messages"),
            "queueTrigger" => new QueueFunction(metadata.FunctionId, metadata.Name, trigger.Name, trigger.QueueName!),
            "timerTrigger" => new TimerFunction(
                metadata.FunctionId, metadata.Name, trigger.Name,
                CrontabSchedule.TryParse(trigger.Schedule ?? "", new() { IncludingSeconds = true })
                ?? throw Problem($"has the schedule '{trigger.Schedule}'; this host knows those of six fields")),
            _ => throw Problem($"is triggered by '{trigger.Type}'; this host knows httpTrigger, queueTrigger and timerTrigger"),
        };

        FunctionAppException Problem(string what) => new($"The function {metadata.Name} {what}.");
    }
}

/// <summary>A function that answers HTTP requests; no methods means all.</summary>
internal sealed record HttpFunction(string Id, string Name, string Input, string Route, IReadOnlyList<string> Methods)
    : FunctionDefinition(Id, Name, Input);

/// <summary>A function that handles the messages of a queue.</summary>
internal sealed record QueueFunction(string Id, string Name, string Input, string Queue) : FunctionDefinition(Id, Name, Input);

/// <summary>A function that runs by the clock.</summary>
internal sealed record TimerFunction(string Id, string Name, string Input, CrontabSchedule Schedule) : FunctionDefinition(Id, Name, Input);

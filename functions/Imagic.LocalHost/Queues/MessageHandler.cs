using System.Diagnostics;
using Azure.Storage.Queues.Models;
using Google.Protobuf;
using Imagic.LocalHost.FunctionRpc;
using Imagic.Storage.Telemetry;

using Microsoft.Extensions.Logging;

namespace Imagic.LocalHost.Queues;

/// <summary>Brings messages to their function.</summary>
internal sealed partial class MessageHandler(QueueFunction function, WorkerSupervisor workers, ILogger logger, CancellationToken abort)
{
    /// <summary>An invocation with a message, as the real host's queue extension makes it.</summary>
    public static InvocationRequest Describe(QueueFunction function, QueueMessage message, string? traceParent) => new()
    {
        InvocationId = Guid.NewGuid().ToString("D"),
        TraceContext = new() { TraceParent = traceParent ?? "" },
        InputData =
        {
            new ParameterBinding
            {
                Name = function.Input,
                Data = new()
                {
                    ModelBindingData = new()
                    {
                        Version = "1.0",
                        Source = "AzureStorageQueues",
                        ContentType = "application/json",
                        Content = ByteString.CopyFrom(BinaryData.FromObjectAsJson(message)),
                    },
                },
            },
        },
    };

    /// <summary>Runs the function with a message.</summary>
    /// <exception cref="MessageFailedException">It failed.</exception>
    public async Task HandleAsync(QueueMessage message)
    {
        var worker = await WorkerAsync();
        using var activity = ImagicTelemetry.Source.StartActivity($"invoke {function.Name}", ActivityKind.Client);
        if (await worker.InvokeAsync(function, Describe(function, message, Activity.Current?.Id), abort) is not { } problem) return;
        LogFailed(logger, function.Name, message.MessageId, message.DequeueCount, problem);
        throw new MessageFailedException(problem);
    }

    private async Task<WorkerProcess> WorkerAsync()
    {
        try
        {
            return await workers.ReadyAsync(abort);
        }
        catch (FunctionAppException)
        {
            // The host ends too, which is no failure of the message.
            await Task.Delay(Timeout.InfiniteTimeSpan, abort);
            throw;
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "{Function} failed on message {Id}, try {Try}: {Problem}")]
    private static partial void LogFailed(ILogger logger, string function, string id, long @try, string problem);
}

/// <summary>Tells the listener that a function failed.</summary>
internal sealed class MessageFailedException(string message) : Exception(message);

using Azure.Storage.Queues.Models;
using Microsoft.Extensions.Logging;

namespace Imagic.LocalHost.TestApp;

/// <summary>The first word of a message says how to behave.</summary>
internal sealed partial class QueueFunctions(Recorder recorder, ILogger<QueueFunctions> logger)
{
    [Function("Item")]
    public Task ItemAsync([QueueTrigger("items", Connection = "ImagicStorage")] QueueMessage message, FunctionContext context) =>
        RunAsync("Item", message, context);

    [Function("Ending")]
    public Task EndingAsync([QueueTrigger("ending-poison", Connection = "ImagicStorage")] QueueMessage message, FunctionContext context) =>
        RunAsync("Ending", message, context);

    private async Task RunAsync(string function, QueueMessage message, FunctionContext context)
    {
        var text = message.Body.ToString();
        recorder.Write("begin", function, text, [new("DequeueCount", $"{message.DequeueCount}"), new("traceparent", context.TraceContext.TraceParent)]);
        switch (text.Split(' ')[0])
        {
            case "fail":
                throw new InvalidOperationException("It was told to fail.");
            case "crash":
                Environment.Exit(9);
                break;
            case "hang":
                await Task.Delay(Timeout.Infinite);
                break;
            case "wait":
                await Release.WaitAsync(CancellationToken.None);
                break;
        }

        LogHandled(text);
        recorder.Write("end", function, text, []);
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Handled: {Text}")]
    private partial void LogHandled(string text);
}

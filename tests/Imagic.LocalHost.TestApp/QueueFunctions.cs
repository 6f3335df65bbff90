using System.Diagnostics;
using Azure.Storage.Queues.Models;
using Microsoft.Extensions.Logging;

namespace Imagic.LocalHost.TestApp;

/// <summary>The first word of a message says how to behave.</summary>
internal sealed partial class QueueFunctions(Recorder recorder, ILogger<QueueFunctions> logger)
{
    [Function("Item")]
    public Task ItemAsync([QueueTrigger("items", Connection = "ImagicStorage")] QueueMessage message) => RunAsync("Item", message);

    [Function("Ending")]
    public Task EndingAsync([QueueTrigger("ending-poison", Connection = "ImagicStorage")] QueueMessage message) => RunAsync("Ending", message);

    private async Task RunAsync(string function, QueueMessage message)
    {
        var text = message.Body.ToString();
        recorder.Write("begin", function, text, [new("DequeueCount", $"{message.DequeueCount}"), new("traceparent", Activity.Current?.Id ?? "")]);
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

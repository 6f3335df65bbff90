using System.Text;
using Azure;
using Azure.Storage.Queues;
using Azure.Storage.Queues.Models;
using Imagic.LocalHost.App;
using Imagic.LocalHost.Handler;
using Imagic.LocalHost.Invocations;
using Microsoft.Extensions.Logging;

namespace Imagic.LocalHost.Queues;

/// <summary>Hands one message to its function, and does with the message what the result says.</summary>
internal sealed partial class QueueDelivery(
    QueueFunction function,
    QueueClient queue,
    QueueClient? poison,
    QueueSettings settings,
    TimeSpan invisibility,
    FunctionInvoker invoker,
    TimeProvider time,
    ILogger logger)
{
    /// <summary>Handles a message; it never fails.</summary>
    /// <param name="message">The message as it was received.</param>
    /// <param name="abort">Gives up running functions; their messages are visible again at once.</param>
    public async Task DeliverAsync(QueueMessage message, CancellationToken abort)
    {
        try
        {
            if (message.DequeueCount > settings.MaxDequeueCount)
                await MoveToPoisonAsync(message, message.PopReceipt, $"it was received {message.DequeueCount} times already");
            else if (Decode(message.MessageText) is { } text)
                await RunAsync(message, text, abort);
            else
                await MoveToPoisonAsync(message, message.PopReceipt, "its text is no base64, which host.json asks for");
        }
        catch (Exception exception) when (exception is RequestFailedException or AggregateException or IOException or HttpRequestException)
        {
            // It becomes visible again by itself.
            LogStorage(logger, function.Name, message.MessageId, exception.Message);
        }
    }

    private async Task RunAsync(QueueMessage message, string text, CancellationToken abort)
    {
        var envelope = QueueEnvelope.Create(function, message, text, time.GetUtcNow(), Guid.NewGuid());
        var lease = new MessageLease(queue, message, invisibility, time, logger);
        InvocationResult? result = null;
        await using (lease)
        {
            lease.Start();
            try
            {
                result = await invoker.InvokeAsync(function.Name, envelope, abort);
            }
            catch (Exception exception) when (exception is OperationCanceledException or HandlerException)
            {
                // The host stops. That is no failure of the message.
            }
        }

        if (result is not { } ended || (abort.IsCancellationRequested && !ended.Succeeded))
        {
            await ReleaseAsync(message, lease.PopReceipt, TimeSpan.Zero);
        }
        else if (ended.Succeeded)
        {
            LogSucceeded(logger, function.Name, message.MessageId);
            await DeleteAsync(message, lease.PopReceipt);
        }
        else
        {
            LogFailed(logger, function.Name, message.MessageId, message.DequeueCount, settings.MaxDequeueCount, ended.Problem!);
            if (message.DequeueCount >= settings.MaxDequeueCount)
                await MoveToPoisonAsync(message, lease.PopReceipt, "it failed too often");
            else if (poison is not null)
                await ReleaseAsync(message, lease.PopReceipt, settings.VisibilityTimeout);
            // Without a poison queue the message stays hidden: no endless loop.
        }
    }

    // Copy first: a crash in between makes two of it, never none.
    private async Task MoveToPoisonAsync(QueueMessage message, string popReceipt, string reason)
    {
        if (poison is null) return;
        LogPoison(logger, message.MessageId, poison.Name, reason);
        await poison.CreateIfNotExistsAsync();
        await poison.SendMessageAsync(message.MessageText);
        await DeleteAsync(message, popReceipt);
    }

    private async Task DeleteAsync(QueueMessage message, string popReceipt)
    {
        try
        {
            await queue.DeleteMessageAsync(message.MessageId, popReceipt);
        }
        catch (RequestFailedException exception) when (QueueErrors.IsSomebodyElses(exception))
        {
            LogGone(logger, message.MessageId);
        }
    }

    private async Task ReleaseAsync(QueueMessage message, string popReceipt, TimeSpan pause)
    {
        try
        {
            await queue.UpdateMessageAsync(message.MessageId, popReceipt, visibilityTimeout: pause);
        }
        catch (RequestFailedException exception) when (QueueErrors.IsSomebodyElses(exception))
        {
            LogGone(logger, message.MessageId);
        }
    }

    private string? Decode(string body)
    {
        if (!settings.IsBase64) return body;
        try
        {
            return Encoding.UTF8.GetString(Convert.FromBase64String(body));
        }
        catch (FormatException)
        {
            return null;
        }
    }

    [LoggerMessage(Level = LogLevel.Debug, Message = "{Function} has handled message {Id}")]
    private static partial void LogSucceeded(ILogger logger, string function, string id);

    [LoggerMessage(Level = LogLevel.Error, Message = "{Function} failed on message {Id}, try {Try} of {Tries}: {Problem}")]
    private static partial void LogFailed(ILogger logger, string function, string id, long @try, int tries, string problem);

    [LoggerMessage(Level = LogLevel.Error, Message = "Message {Id} goes to {Queue}: {Reason}")]
    private static partial void LogPoison(ILogger logger, string id, string queue, string reason);

    [LoggerMessage(Level = LogLevel.Information, Message = "Message {Id} is gone or somebody else's; it may be handled twice")]
    private static partial void LogGone(ILogger logger, string id);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Function}: message {Id} comes again, since the storage did not answer: {Problem}")]
    private static partial void LogStorage(ILogger logger, string function, string id, string problem);
}

using Imagic.Contracts.Edits;
using Microsoft.Extensions.Logging;

namespace Imagic.Worker.Messages;

internal sealed partial class MessageHandler
{
    [LoggerMessage(Level = LogLevel.Error, Message = "queue {Queue}: message {MessageId} is no stage message that this program knows; it is moved to the poison queue: {Body}")]
    private static partial void Unreadable(ILogger logger, string queue, string messageId, string body);

    [LoggerMessage(Level = LogLevel.Error, Message = "queue {Queue}: message {MessageId} is moved to the poison queue: {Why}")]
    private static partial void RecordUnreadable(ILogger logger, string queue, string messageId, string why);

    [LoggerMessage(Level = LogLevel.Error, Message = "queue {Queue}: message {MessageId} could not be handled, delivery {Delivery} of {MaxDeliveries}")]
    private static partial void Unhandled(ILogger logger, Exception exception, string queue, string messageId, long delivery, int maxDeliveries);

    [LoggerMessage(Level = LogLevel.Information, Message = "edit {EditId}: message for {Stage} dropped, {Why}")]
    private static partial void Acknowledged(ILogger logger, string editId, string stage, string why);

    [LoggerMessage(Level = LogLevel.Debug, Message = "edit {EditId}: message for {Stage} put back, {Why}")]
    private static partial void Waiting(ILogger logger, string editId, string stage, string why);

    [LoggerMessage(Level = LogLevel.Warning, Message = "edit {EditId}: it was never completely started; its picture is removed")]
    private static partial void Discarded(ILogger logger, string editId);

    [LoggerMessage(Level = LogLevel.Information, Message = "edit {EditId}: {Stage} claimed, epoch {Epoch}, from step {Step}")]
    private static partial void Claimed(ILogger logger, string editId, string stage, int epoch, int step);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Why} Nothing more is written.")]
    private static partial void LeaseLost(ILogger logger, string why);

    [LoggerMessage(Level = LogLevel.Warning, Message = "edit {EditId}: whether something is left of it, was not found out; the sweep does")]
    private static partial void RestNotRemoved(ILogger logger, Exception exception, string editId);

    [LoggerMessage(Level = LogLevel.Warning, Message = "edit {EditId}: no time left to write a checkpoint of {Stage}; the one before counts")]
    private static partial void OutOfTime(ILogger logger, string editId, string stage);
}

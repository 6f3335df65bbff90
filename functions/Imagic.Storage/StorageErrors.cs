using Azure;
using Azure.Storage.Blobs.Models;

namespace Imagic.Storage;

/// <summary>A blob could not be written on the condition that it is what was read, however often that was tried.</summary>
public sealed class ContendedException(string blob)
    : IOException($"The blob '{blob}' could not be written: others change it all the time, or somebody holds a lease on it.");

/// <summary>What a failed storage call means; the one place that knows statuses.</summary>
public static class StorageErrors
{
    /// <summary>There is no such blob, container, queue or message.</summary>
    public static bool IsMissing(this RequestFailedException exception) => exception.Status == 404;

    /// <summary>It is still what was read before; a read on that condition has no content.</summary>
    public static bool IsUnchanged(this Response answer) => answer.Status == 304;

    /// <summary>Somebody else was there before: it exists, or it is not what it was when it was read.</summary>
    public static bool IsConflict(this RequestFailedException exception) => exception.Status is 409 or 412;

    /// <summary>It is not what it was when it was read: somebody has overwritten or deleted it.</summary>
    public static bool HasChanged(this RequestFailedException exception) => exception.IsMissing() || exception.IsConflict();

    /// <summary>
    /// The name is taken. Committing a blob throws away the blocks of an upload beside it, whose own commit then finds none.
    /// </summary>
    public static bool IsTaken(this RequestFailedException exception) =>
        exception.IsConflict() || exception.ErrorCode == BlobErrorCode.InvalidBlockList;

    /// <summary>An argument of the call is none that the service gave or takes, such as the place where a listing goes on.</summary>
    public static bool IsInvalid(this RequestFailedException exception) => exception.Status == 400;

    /// <summary>The blob ends before the range that was asked for; an empty one has no range at all.</summary>
    public static bool IsOutOfRange(this RequestFailedException exception) => exception.Status == 416;

    /// <summary>The message is gone, or somebody has received it since: its receipt is no longer the newest.</summary>
    public static bool IsReceiptLost(this RequestFailedException exception) => exception.Status is 400 or 404;

    /// <summary>Whether another try may end otherwise.</summary>
    public static bool IsTransient(int status) => status is 408 or 429 or 500 or 502 or 503 or 504;

    /// <inheritdoc cref="IsTransient(int)"/>
    public static bool IsTransient(Exception exception) => exception switch
    {
        RequestFailedException failed => failed.Status == 0 || IsTransient(failed.Status),
        // A time-out of the network layer; who asks has looked whether the caller gave up.
        IOException or HttpRequestException or OperationCanceledException => true,
        _ => false,
    };

    /// <summary>Storage refused or did not answer, for longer than the retries of a call.</summary>
    public static bool IsStorageError(Exception exception) => exception is RequestFailedException or IOException or HttpRequestException
        // A download whose connection broke again and again.
        || exception is AggregateException { InnerExceptions: { Count: > 0 } all } && all.All(IsStorageError);
}

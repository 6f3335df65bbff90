using Azure;

namespace Imagic.Storage;

/// <summary>What a failed storage call means.</summary>
public static class StorageErrors
{
    /// <summary>There is no such blob, container, queue or message.</summary>
    public static bool IsMissing(this RequestFailedException exception) => exception.Status == 404;

    /// <summary>Somebody else was there before: it exists, or it is not what it was when it was read.</summary>
    public static bool IsConflict(this RequestFailedException exception) => exception.Status is 409 or 412;

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
    public static bool IsStorageError(Exception exception) => exception is RequestFailedException or IOException or HttpRequestException;
}

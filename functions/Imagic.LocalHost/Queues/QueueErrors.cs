using Azure;
using Azure.Storage.Queues.Models;

namespace Imagic.LocalHost.Queues;

/// <summary>What failures of the queue service mean.</summary>
internal static class QueueErrors
{
    /// <summary>The message is gone, or somebody else has received it meanwhile.</summary>
    public static bool IsSomebodyElses(RequestFailedException exception) =>
        exception.Status == 404 || exception.ErrorCode == QueueErrorCode.PopReceiptMismatch;
}

using Azure.Storage.Queues;

namespace Imagic.Storage;

/// <summary>Sends messages that wait until somebody takes them, however long that is.</summary>
public static class QueueSending
{
    // Without it the service throws a message away after seven days.
    private static readonly TimeSpan Forever = TimeSpan.FromSeconds(-1);

    /// <summary>Sends a message.</summary>
    /// <param name="queue">Where to.</param>
    /// <param name="body">Its text as it lies on the queue, see <see cref="QueueText"/>.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public static Task SendAsync(this QueueClient queue, string body, CancellationToken cancellationToken) =>
        queue.SendAsync(body, TimeSpan.Zero, cancellationToken);

    /// <inheritdoc cref="SendAsync(QueueClient, string, CancellationToken)"/>
    /// <param name="delay">Time until somebody can take it.</param>
    public static Task SendAsync(this QueueClient queue, string body, TimeSpan delay, CancellationToken cancellationToken) =>
        queue.SendMessageAsync(body, visibilityTimeout: delay, timeToLive: Forever, cancellationToken: cancellationToken);
}

using Azure.Storage.Queues.Models;
using Microsoft.Azure.WebJobs.Host.Executors;
using Microsoft.Azure.WebJobs.Host.Queues;

namespace Imagic.LocalHost.Queues;

/// <summary>
/// What becomes of messages: what the real host does with them, but for those whose function was given up because the
/// host stops. They are visible at once, and that try was no failure.
/// </summary>
internal sealed class ReleasingProcessor(QueueProcessorOptions options, CancellationToken abort) : QueueProcessor(options)
{
    protected override Task CompleteProcessingMessageAsync(QueueMessage message, FunctionResult result, CancellationToken cancellationToken) =>
        abort.IsCancellationRequested && !result.Succeeded
            ? ReleaseMessageAsync(message, result, TimeSpan.Zero, cancellationToken)
            : base.CompleteProcessingMessageAsync(message, result, cancellationToken);

    internal sealed class Factory(CancellationToken abort) : IQueueProcessorFactory
    {
        public QueueProcessor Create(QueueProcessorOptions queueProcessorOptions) => new ReleasingProcessor(queueProcessorOptions, abort);
    }
}

using System.Collections.Concurrent;
using System.Threading.Channels;
using Grpc.Core;
using Imagic.Functions.Tests.IsolatedWorker.Rpc;

namespace Imagic.Functions.Tests.IsolatedWorker;

/// <summary>The stream of messages between a host and its one worker.</summary>
internal sealed class WorkerChannel : FunctionRpc.FunctionRpcBase
{
    private readonly ConcurrentDictionary<string, TaskCompletionSource<StreamingMessage>> _asked = [];
    private readonly Channel<StreamingMessage> _toWorker = Channel.CreateUnbounded<StreamingMessage>();
    private readonly TaskCompletionSource _started = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Ends when the worker has opened the stream.</summary>
    public Task Started => _started.Task;

    /// <inheritdoc/>
    public override async Task EventStream(
        IAsyncStreamReader<StreamingMessage> requestStream, IServerStreamWriter<StreamingMessage> responseStream, ServerCallContext context)
    {
        var sending = SendAsync(responseStream, context.CancellationToken);
        try
        {
            await foreach (var message in requestStream.ReadAllAsync(context.CancellationToken)) Receive(message);
        }
        catch (Exception exception) when (exception is IOException or OperationCanceledException)
        {
            // The worker has ended.
        }

        _toWorker.Writer.TryComplete();
        foreach (var asked in _asked.Values) asked.TrySetException(new IOException("The worker went away."));
        await sending;
    }

    /// <summary>Sends a message and waits for its answer.</summary>
    public async Task<StreamingMessage> AskAsync(StreamingMessage message, CancellationToken cancellationToken)
    {
        message.RequestId = Guid.NewGuid().ToString("D");
        var asked = _asked[message.RequestId] = new(TaskCreationOptions.RunContinuationsAsynchronously);
        await _toWorker.Writer.WriteAsync(message, cancellationToken);
        return await asked.Task.WaitAsync(cancellationToken);
    }

    /// <summary>Sends a message that has no answer.</summary>
    public void Tell(StreamingMessage message) => _toWorker.Writer.TryWrite(message);

    private void Receive(StreamingMessage message)
    {
        switch (message.ContentCase)
        {
            case StreamingMessage.ContentOneofCase.StartStream:
                _started.TrySetResult();
                break;
            case StreamingMessage.ContentOneofCase.RpcLog when message.RpcLog.Exception is { } exception:
                TestContext.Current.SendDiagnosticMessage("{0}: {1}\n{2}", message.RpcLog.Message, exception.Message, exception.StackTrace);
                break;
            case StreamingMessage.ContentOneofCase.RpcLog:
                break;
            default:
                if (_asked.TryRemove(message.RequestId, out var asked)) asked.TrySetResult(message);
                break;
        }
    }

    private async Task SendAsync(IServerStreamWriter<StreamingMessage> worker, CancellationToken cancellationToken)
    {
        try
        {
            await foreach (var message in _toWorker.Reader.ReadAllAsync(cancellationToken)) await worker.WriteAsync(message, cancellationToken);
        }
        catch (Exception exception) when (exception is IOException or OperationCanceledException or InvalidOperationException)
        {
            // The worker has ended.
        }
    }
}

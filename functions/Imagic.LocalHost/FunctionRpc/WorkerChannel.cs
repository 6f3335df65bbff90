using System.Collections.Concurrent;
using System.Threading.Channels;
using Grpc.Core;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Imagic.LocalHost.FunctionRpc;

/// <summary>The stream of messages to and from one worker, on a port of its own.</summary>
internal sealed class WorkerChannel(ILoggerFactory loggers) : FunctionRpc.FunctionRpcBase, IAsyncDisposable
{
    private readonly ConcurrentDictionary<string, TaskCompletionSource<StreamingMessage>> _asked = [];
    private readonly Channel<StreamingMessage> _toWorker = Channel.CreateUnbounded<StreamingMessage>();
    private readonly TaskCompletionSource _started = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private WebApplication? _server;

    /// <summary>Where the worker finds it.</summary>
    public string Address => _server!.Urls.Single();

    /// <summary>Ends when the worker has opened the stream.</summary>
    public Task Started => _started.Task;

    /// <summary>Starts listening for the worker.</summary>
    public async Task ListenAsync(CancellationToken cancellationToken)
    {
        var builder = LoopbackServer.CreateBuilder(0, loggers, listen => listen.Protocols = HttpProtocols.Http2);
        builder.Services.AddSingleton(this).AddGrpc(grpc => grpc.MaxReceiveMessageSize = null);
        _server = builder.Build();
        _server.MapGrpcService<WorkerChannel>();
        await _server.StartAsync(cancellationToken);
    }

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
        foreach (var id in _asked.Keys) Answer(id, asked => asked.TrySetException(new IOException("the worker went away")));
        await sending;
    }

    /// <summary>Sends a message and waits for its answer.</summary>
    /// <exception cref="IOException">The worker ends before it answers.</exception>
    public async Task<StreamingMessage> AskAsync(StreamingMessage message, CancellationToken cancellationToken)
    {
        message.RequestId = Guid.NewGuid().ToString("D");
        var asked = _asked[message.RequestId] = new(TaskCreationOptions.RunContinuationsAsynchronously);
        if (!_toWorker.Writer.TryWrite(message)) Answer(message.RequestId, gone => gone.TrySetException(new IOException("the worker is gone")));
        return await asked.Task.WaitAsync(cancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        if (_server is not null) await _server.DisposeAsync();
    }

    private void Receive(StreamingMessage message)
    {
        switch (message.ContentCase)
        {
            case StreamingMessage.ContentOneofCase.StartStream:
                _started.TrySetResult();
                break;
            case StreamingMessage.ContentOneofCase.RpcLog:
                Write(message.RpcLog);
                break;
            default:
                Answer(message.RequestId, asked => asked.TrySetResult(message));
                break;
        }
    }

    private void Answer(string requestId, Action<TaskCompletionSource<StreamingMessage>> answer)
    {
        if (_asked.TryRemove(requestId, out var asked)) answer(asked);
    }

    private void Write(RpcLog log)
    {
        var logger = loggers.CreateLogger(log.Category is { Length: > 0 } category ? category : "Imagic.LocalHost.Worker");
        var exception = log.Exception is { } thrown ? $"\n{thrown.Message}\n{thrown.StackTrace}" : "";
        logger.Log((LogLevel)log.Level, default, new WorkerLine(log.Message + exception, log.InvocationId), null, (line, _) => line.Text);
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

/// <summary>What the worker logs.</summary>
internal sealed record WorkerLine(string Text, string InvocationId);

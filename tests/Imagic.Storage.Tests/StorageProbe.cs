using System.Collections.Concurrent;
using Azure.Core;
using Azure.Core.Pipeline;

namespace Imagic.Storage.Tests;

/// <summary>Sees every attempt of every storage call, and lets chosen ones go wrong.</summary>
internal sealed class StorageProbe : HttpPipelinePolicy
{
    private readonly ConcurrentQueue<Fault> _faults = new();
    private int _attempts;

    /// <summary>Attempts so far.</summary>
    public int Attempts => _attempts;

    /// <summary>The next attempts end like this, in this order.</summary>
    public void Expect(params ReadOnlySpan<Fault> faults)
    {
        foreach (var fault in faults) _faults.Enqueue(fault);
    }

    public override async ValueTask ProcessAsync(HttpMessage message, ReadOnlyMemory<HttpPipelinePolicy> pipeline)
    {
        Interlocked.Increment(ref _attempts);
        if (!_faults.TryDequeue(out var fault)) fault = Fault.None;
        if (fault.IsCarriedOut) await ProcessNextAsync(message, pipeline);
        fault.Apply(message);
    }

    public override void Process(HttpMessage message, ReadOnlyMemory<HttpPipelinePolicy> pipeline)
    {
        Interlocked.Increment(ref _attempts);
        if (!_faults.TryDequeue(out var fault)) fault = Fault.None;
        if (fault.IsCarriedOut) ProcessNext(message, pipeline);
        fault.Apply(message);
    }
}

/// <summary>How an attempt goes wrong.</summary>
/// <param name="IsCarriedOut">The service does what it is asked; only its answer is lost.</param>
/// <param name="Status">The answer in its place.</param>
/// <param name="Exception">What is thrown in its place.</param>
internal sealed record Fault(bool IsCarriedOut, int? Status = null, Exception? Exception = null)
{
    public static Fault None { get; } = new(true);

    public static Fault Answer(int status) => new(false, status);

    public static Fault Throw(Exception exception) => new(false, Exception: exception);

    public static Fault LoseAnswer() => new(true, Exception: new IOException("The connection was reset."));

    public static Fault LoseAnswer(int status) => new(true, status);

    public void Apply(HttpMessage message)
    {
        if (Exception is not null) throw Exception;
        if (Status is { } status) message.Response = new CannedResponse(status);
    }
}

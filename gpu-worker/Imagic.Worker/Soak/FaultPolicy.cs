using System.Diagnostics.CodeAnalysis;
using Azure;
using Azure.Core;
using Azure.Core.Pipeline;

namespace Imagic.Worker.Soak;

/// <summary>What happens to a storage call.</summary>
public enum Fault
{
    /// <summary>It fails before it is sent.</summary>
    NotSent,

    /// <summary>It is carried out, and the answer is lost.</summary>
    AnswerLost,

    /// <summary>It is carried out, and answered with 500.</summary>
    AnsweredWith500,

    /// <summary>It is carried out, and then the process dies: no call is made any more.</summary>
    Killed,
}

/// <summary>Counts the storage calls of a client and disturbs one of them.</summary>
/// <param name="call">Number of the call, 1 for the first; 0 disturbs none.</param>
/// <param name="fault">What happens to it.</param>
public sealed class FaultPolicy(int call = 0, Fault fault = Fault.NotSent) : HttpPipelinePolicy
{
    private int _calls;
    private volatile bool _dead;

    /// <summary>Calls seen.</summary>
    public int Calls => Volatile.Read(ref _calls);

    /// <summary>The disturbed call, such as <c>PUT /edits/x/edit.json</c>; null when it did not come to it.</summary>
    public string? Disturbed { get; private set; }

    /// <inheritdoc/>
    public override async ValueTask ProcessAsync(HttpMessage message, ReadOnlyMemory<HttpPipelinePolicy> pipeline)
    {
        if (!Before(message))
        {
            await ProcessNextAsync(message, pipeline);
            return;
        }

        await ProcessNextAsync(message, pipeline);
        After(message);
    }

    /// <inheritdoc/>
    public override void Process(HttpMessage message, ReadOnlyMemory<HttpPipelinePolicy> pipeline)
    {
        var disturb = Before(message);
        ProcessNext(message, pipeline);
        if (disturb) After(message);
    }

    private bool Before(HttpMessage message)
    {
        if (_dead) throw new WorkerKilledException();
        if (Interlocked.Increment(ref _calls) != call) return false;
        Disturbed = $"{message.Request.Method} {message.Request.Uri.Path}";
        return fault == Fault.NotSent ? throw new IOException("The storage service cannot be reached (injected).") : true;
    }

    private void After(HttpMessage message)
    {
        switch (fault)
        {
            case Fault.AnswerLost: throw new IOException("The answer of the storage service got lost (injected).");
            case Fault.AnsweredWith500:
                message.Response.Dispose();
                message.Response = new InternalServerError(message.Request.ClientRequestId);
                break;
            default:
                _dead = true;
                throw new WorkerKilledException();
        }
    }

    private sealed class InternalServerError(string requestId) : Response
    {
        public override int Status => 500;

        public override string ReasonPhrase => "Injected";

        public override Stream? ContentStream { get; set; }

        public override string ClientRequestId { get; set; } = requestId;

        public override void Dispose()
        {
            // nothing is held
        }

        protected override bool ContainsHeader(string name) => false;

        protected override IEnumerable<HttpHeader> EnumerateHeaders() => [];

        protected override bool TryGetHeader(string name, [NotNullWhen(true)] out string? value)
        {
            value = null;
            return false;
        }

        protected override bool TryGetHeaderValues(string name, [NotNullWhen(true)] out IEnumerable<string>? values)
        {
            values = null;
            return false;
        }
    }
}

/// <summary>The process of this worker is supposed to be dead.</summary>
public sealed class WorkerKilledException() : Exception("The worker was killed (injected).");

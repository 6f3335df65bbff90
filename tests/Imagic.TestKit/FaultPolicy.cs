using System.Diagnostics.CodeAnalysis;
using System.Text.RegularExpressions;
using Azure;
using Azure.Core;
using Azure.Core.Pipeline;
using Imagic.Contracts;

namespace Imagic.TestKit;

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

/// <summary>A storage call of an edit: what it does to what, and which one of those it is.</summary>
/// <param name="What">Such as <c>PUT edits/{edit}/edit.json</c>, the same in every run; see <see cref="FaultPolicy.WhatOf"/>.</param>
/// <param name="Nth">1 for the first of them.</param>
public readonly record struct StorageCall(string What, int Nth)
{
    /// <inheritdoc/>
    public override string ToString() => $"{What} #{Nth}";
}

/// <summary>Lists the storage calls of a client and disturbs one of them.</summary>
/// <param name="disturbed">Which; null disturbs none.</param>
/// <param name="fault">What happens to it.</param>
public sealed partial class FaultPolicy(StorageCall? disturbed = null, Fault fault = Fault.NotSent) : HttpPipelinePolicy
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, int> _counts = [];
    private readonly List<StorageCall> _calls = [];
    private volatile bool _dead;

    /// <summary>Calls seen, in their order.</summary>
    public IReadOnlyList<StorageCall> Calls
    {
        get
        {
            lock (_lock) return [.. _calls];
        }
    }

    /// <summary>Whether it came to the call that was to be disturbed.</summary>
    public bool HasDisturbed { get; private set; }

    /// <summary>A request without what differs from run to run: account, edit, ids of messages and blocks.</summary>
    public static string WhatOf(Request request)
    {
        var path = MessageId().Replace(request.Uri.Path, "{id}");
        var segments = path.Trim('/').Split('/');
        // Azurite has the account first; an edit's folder is the segment after its container.
        if (segments.Length > 1 && !StoragePaths.Containers.Contains(segments[0]) && !StoragePaths.Queues.Contains(segments[0])) segments = segments[1..];
        if (segments is [StoragePaths.Edits, _, ..]) segments[1] = "{edit}";
        if (segments is [StoragePaths.Tunings, _, "edits", _]) segments[3] = "{edit}";
        if (segments is [StoragePaths.Index, _, _]) segments[2] = "{entry}";
        var operation = Component().Match(request.Uri.Query);
        return $"{request.Method} {string.Join('/', segments)}{(operation.Success ? $" {operation.Value}" : "")}";
    }

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
        StorageCall call;
        lock (_lock)
        {
            var what = WhatOf(message.Request);
            call = new(what, _counts[what] = _counts.GetValueOrDefault(what) + 1);
            _calls.Add(call);
        }

        if (call != disturbed) return false;
        HasDisturbed = true;
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

    [GeneratedRegex("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")]
    private static partial Regex MessageId();

    [GeneratedRegex("comp=[a-z]+")]
    private static partial Regex Component();

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

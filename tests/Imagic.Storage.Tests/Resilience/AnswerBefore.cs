using Azure.Core;
using Azure.Core.Pipeline;

namespace Imagic.Storage.Tests.Resilience;

/// <summary>Looks, at the start of each attempt, at the answer of the one before.</summary>
internal sealed class AnswerBefore : HttpPipelineSynchronousPolicy
{
    private Stream? _before;

    /// <summary>Per attempt, whether there was an answer before it that is disposed.</summary>
    public List<bool> IsDisposed { get; } = [];

    public override void OnSendingRequest(HttpMessage message) => IsDisposed.Add(_before is { CanRead: false });

    public override void OnReceivedResponse(HttpMessage message) => _before = message.Response.ContentStream;
}

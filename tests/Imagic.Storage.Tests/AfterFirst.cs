using Azure.Core;
using Azure.Core.Pipeline;

namespace Imagic.Storage.Tests;

/// <summary>Carries the first call out, lets somebody else act, and only then loses the answer.</summary>
internal sealed class AfterFirst(Func<Task> act) : HttpPipelinePolicy
{
    private int _calls;

    public override async ValueTask ProcessAsync(HttpMessage message, ReadOnlyMemory<HttpPipelinePolicy> pipeline)
    {
        await ProcessNextAsync(message, pipeline);
        if (Interlocked.Increment(ref _calls) > 1) return;
        await act();
        throw new IOException("The connection was reset.");
    }

    public override void Process(HttpMessage message, ReadOnlyMemory<HttpPipelinePolicy> pipeline) => ProcessNext(message, pipeline);
}

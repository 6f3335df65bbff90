using Azure.Core;
using Azure.Core.Pipeline;

namespace Imagic.Functions.Tests.Edits;

/// <summary>Does something at one of the storage calls of a process: before it is sent, or after it was done.</summary>
internal sealed class AtCall(int call, bool isDone, Func<Task> what) : HttpPipelinePolicy
{
    private int _calls;

    public bool HasCome { get; private set; }

    public override void Process(HttpMessage message, ReadOnlyMemory<HttpPipelinePolicy> pipeline) => throw new NotSupportedException();

    public override async ValueTask ProcessAsync(HttpMessage message, ReadOnlyMemory<HttpPipelinePolicy> pipeline)
    {
        var isHere = Interlocked.Increment(ref _calls) == call;
        HasCome |= isHere;
        if (isHere && !isDone) await what();
        await ProcessNextAsync(message, pipeline);
        if (isHere && isDone) await what();
    }
}

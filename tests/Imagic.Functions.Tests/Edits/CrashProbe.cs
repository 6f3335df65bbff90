using Azure.Core;
using Azure.Core.Pipeline;

namespace Imagic.Functions.Tests.Edits;

/// <summary>The process ends here.</summary>
public sealed class CrashException : Exception;

/// <summary>Ends a process at one of its storage calls: before it is sent, or after it was done and before its answer is read.</summary>
internal sealed class CrashProbe(int call, bool isDone) : HttpPipelinePolicy
{
    private int _calls;

    public int Calls => _calls;

    public override void Process(HttpMessage message, ReadOnlyMemory<HttpPipelinePolicy> pipeline) => throw new NotSupportedException();

    public override async ValueTask ProcessAsync(HttpMessage message, ReadOnlyMemory<HttpPipelinePolicy> pipeline)
    {
        var isHere = Interlocked.Increment(ref _calls) == call;
        if (isHere && !isDone) throw new CrashException();
        await ProcessNextAsync(message, pipeline);
        if (isHere) throw new CrashException();
    }
}

using Azure;
using Azure.Core;
using Azure.Core.Pipeline;
using Polly;

namespace Imagic.Storage.Resilience;

/// <summary>Puts <see cref="ResiliencePipelines.Storage"/> in the place of Azure.Core's own retry policy.</summary>
internal sealed class StorageRetryPolicy(TimeProvider time) : HttpPipelinePolicy
{
    private readonly ResiliencePipeline<Response> _retry = ResiliencePipelines.Storage(time);

    public override async ValueTask ProcessAsync(HttpMessage message, ReadOnlyMemory<HttpPipelinePolicy> pipeline) =>
        await _retry.ExecuteAsync(
            static async (call, _) =>
            {
                await ProcessNextAsync(call.message, call.pipeline);
                return call.message.Response;
            },
            (message, pipeline),
            message.CancellationToken);

    public override void Process(HttpMessage message, ReadOnlyMemory<HttpPipelinePolicy> pipeline) =>
        _retry.Execute(
            static (call, _) =>
            {
                ProcessNext(call.message, call.pipeline);
                return call.message.Response;
            },
            (message, pipeline),
            message.CancellationToken);
}

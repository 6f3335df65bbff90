using Imagic.Functions.Batches;

namespace Imagic.Functions.Events;

/// <summary>What the functions that read queues need.</summary>
internal static class StorageEventServices
{
    /// <summary>Adds it, and them.</summary>
    public static IServiceCollection AddStorageEvents(this IServiceCollection services) => services
        .AddSingleton<UploadEvents>()
        .AddSingleton<BatchBlobs>()
        .AddSingleton<BatchEvents>()
        .AddSingleton<StorageEventFunction>()
        .AddSingleton<PoisonMessageFunction>();
}

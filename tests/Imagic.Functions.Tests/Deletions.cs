using Imagic.Functions.Batches;
using Imagic.Functions.Sweep;
using Imagic.Storage;
using Microsoft.Extensions.Logging.Abstractions;

namespace Imagic.Functions.Tests;

/// <summary>What deletes, over an account of a test.</summary>
internal static class Deletions
{
    public static EditDeletion EditsOver(StorageAccount account) => new(
        account, new(account), new(account), new(account), new(account), new(account), TimeProvider.System);

    public static BatchDeletion BatchesOver(StorageAccount account) => new(account, new(account), EditsOver(account), TimeProvider.System);

    public static Sweeper SweeperOver(StorageAccount account, TimeProvider time, int tuningDays = 7) => new(
        account, new(account), new(account), EditsOver(account), BatchesOver(account), new(account), new() { TuningDays = tuningDays }, time, NullLogger<Sweeper>.Instance);

    /// <summary>All blobs of an account.</summary>
    public static async Task<string[]> AllBlobsAsync(this StorageAccount account)
    {
        var names = new List<string>();
        foreach (var container in Contracts.StoragePaths.Containers)
        {
            await foreach (var blob in account.Blobs.GetBlobContainerClient(container).GetBlobsAsync(cancellationToken: TestContext.Current.CancellationToken))
                names.Add($"{container}/{blob.Name}");
        }

        return [.. names];
    }
}

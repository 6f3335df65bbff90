using Azure.Storage.Blobs.Models;
using Imagic.Cli.Up;
using Imagic.Contracts.Edits;
using Imagic.Editing;

namespace Imagic.Cli.Edit;

/// <summary>Pictures of how the model sees the source while it is trained, below the results' folder.</summary>
internal sealed class PreviewFolder(string results)
{
    public bool Has(string name) => File.Exists(PathOf(name));

    public void Save(string name, byte[] png)
    {
        using var file = new LocalDisk().Create(PathOf(name));
        file.Write(png);
    }

    /// <summary>Fetches those that came and went between two looks at the edit. Only the storage can tell their names.</summary>
    public async Task CompleteAsync(PipelineConnection pipeline, EditId id, CancellationToken cancellationToken)
    {
        if (pipeline.Own is not { Account.Edits: var container }) return;
        await foreach (var blob in container.GetBlobsAsync(BlobTraits.None, BlobStates.None, $"{id}/{StoragePaths.Previews}", cancellationToken))
        {
            if (Has(blob.Name)) continue;
            var answer = await container.GetBlobClient(blob.Name).DownloadContentAsync(cancellationToken);
            Save(blob.Name, answer.Value.Content.ToArray());
        }
    }

    // The name may come from a server: only its last part is ever used.
    private string PathOf(string name) => Path.Combine(results, StoragePaths.Previews, Path.GetFileName(name));
}

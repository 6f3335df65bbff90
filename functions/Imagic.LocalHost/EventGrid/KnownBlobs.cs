using System.Text.Json;
using Azure;
using Azure.Storage.Blobs;
using Imagic.Storage;

namespace Imagic.LocalHost.EventGrid;

/// <summary>
/// Which version of which blob of a container has been told. It is kept in a blob of the same account, so that a host
/// that starts again tells what it missed and nothing else.
/// </summary>
internal sealed class KnownBlobs
{
    private readonly BlobClient _memory;
    private readonly Dictionary<string, string> _etags;
    private bool _isChanged;

    private KnownBlobs(BlobClient memory, Dictionary<string, string> etags) => (_memory, _etags) = (memory, etags);

    /// <summary>Names of the blobs that are remembered.</summary>
    public IReadOnlyCollection<string> Names => _etags.Keys;

    /// <summary>Reads what is remembered.</summary>
    /// <param name="host">Container of the host's own blobs.</param>
    /// <param name="container">Container that is watched.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public static async Task<KnownBlobs> LoadAsync(BlobContainerClient host, string container, CancellationToken cancellationToken)
    {
        await host.CreateIfNotExistsAsync(cancellationToken: cancellationToken);
        var memory = host.GetBlobClient($"imagic-events/{container}.json");
        try
        {
            var content = await memory.DownloadContentAsync(cancellationToken);
            return new(memory, JsonSerializer.Deserialize(content.Value.Content, EventGridJsonContext.Default.DictionaryStringString) ?? []);
        }
        catch (RequestFailedException exception) when (exception.IsMissing())
        {
            return new(memory, []);
        }
        catch (JsonException)
        {
            // Whatever was told is told again.
            return new(memory, []);
        }
    }

    /// <summary>Whether this version has been told.</summary>
    public bool Knows(ListedBlob blob) => _etags.GetValueOrDefault(blob.Name) == blob.ETag;

    /// <summary>This version has been told.</summary>
    public void Add(ListedBlob blob)
    {
        _etags[blob.Name] = blob.ETag;
        _isChanged = true;
    }

    public void Remove(string name) => _isChanged |= _etags.Remove(name);

    /// <summary>Writes down what has changed, if anything has.</summary>
    public async Task SaveAsync(CancellationToken cancellationToken)
    {
        if (!_isChanged) return;
        await _memory.UploadAsync(
            BinaryData.FromBytes(JsonSerializer.SerializeToUtf8Bytes(_etags, EventGridJsonContext.Default.DictionaryStringString)),
            overwrite: true,
            cancellationToken);
        _isChanged = false;
    }
}

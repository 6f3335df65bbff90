using Azure.Core;
using Azure.Core.Pipeline;
using Azure.Identity;
using Azure.Storage;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using Azure.Storage.Queues;
using Imagic.Contracts;
using Imagic.Storage.Resilience;

namespace Imagic.Storage;

/// <summary>The clients of one storage account; the one place that makes them.</summary>
public sealed class StorageAccount
{
    /// <summary>Pinned, as that of blobs is, so that the wire is the one that is tested against Azurite.</summary>
    public const QueueClientOptions.ServiceVersion QueueVersion = QueueClientOptions.ServiceVersion.V2025_01_05;
    private const BlobClientOptions.ServiceVersion BlobVersion = BlobClientOptions.ServiceVersion.V2025_01_05;

    // One network operation; a call of several attempts may take longer.
    private static readonly TimeSpan NetworkTimeout = TimeSpan.FromSeconds(60);

    /// <summary>Makes the clients.</summary>
    /// <param name="options">Which account.</param>
    /// <param name="probe">Sees every attempt of every call, inside the retries.</param>
    /// <param name="time">Times the pauses between attempts; null takes the system's.</param>
    public StorageAccount(StorageOptions options, HttpPipelinePolicy? probe = null, TimeProvider? time = null)
    {
        var blobOptions = Configure(new BlobClientOptions(BlobVersion), probe, time);
        blobOptions.TransferValidation.Upload.ChecksumAlgorithm = StorageChecksumAlgorithm.MD5; // Azurite knows no CRC64
        // Texts are encoded by QueueText, which also reads what others sent unencoded.
        var queueOptions = Configure(new QueueClientOptions(QueueVersion) { MessageEncoding = QueueMessageEncoding.None }, probe, time);
        if (options.ConnectionString is { } connectionString)
        {
            Blobs = new(connectionString, blobOptions);
            Queues = new(connectionString, queueOptions);
        }
        else
        {
            var credential = new DefaultAzureCredential(new DefaultAzureCredentialOptions { ManagedIdentityClientId = options.ClientId });
            Blobs = new(options.BlobServiceUri, credential, blobOptions);
            Queues = new(options.QueueServiceUri, credential, queueOptions);
            UsesIdentity = true;
        }
    }

    /// <summary>Whether keys to single blobs must be signed by a delegation key, since there is no account key.</summary>
    public bool UsesIdentity { get; }

    /// <summary>The blob service.</summary>
    public BlobServiceClient Blobs { get; }

    /// <summary>The queue service.</summary>
    public QueueServiceClient Queues { get; }

    /// <summary>Pictures and sidecars as they were dropped.</summary>
    public BlobContainerClient Uploads => Blobs.GetBlobContainerClient(StoragePaths.Uploads);

    /// <summary>Pictures that are uploaded by key.</summary>
    public BlobContainerClient Tickets => Blobs.GetBlobContainerClient(StoragePaths.Tickets);

    /// <summary>Edits, a folder each.</summary>
    public BlobContainerClient Edits => Blobs.GetBlobContainerClient(StoragePaths.Edits);

    /// <summary>What stages before sampling gave, by hash.</summary>
    public BlobContainerClient Tunings => Blobs.GetBlobContainerClient(StoragePaths.Tunings);

    /// <summary>What lists show of edits.</summary>
    public BlobContainerClient Index => Blobs.GetBlobContainerClient(StoragePaths.Index);

    /// <summary>Manifests and what became of them.</summary>
    public BlobContainerClient Batches => Blobs.GetBlobContainerClient(StoragePaths.Batches);

    /// <summary>Packages of models.</summary>
    public BlobContainerClient Models => Blobs.GetBlobContainerClient(StoragePaths.Models);

    /// <summary>Makes all containers and queues that are missing. In Azure the infrastructure has made them.</summary>
    public async Task EnsureCreatedAsync(CancellationToken cancellationToken)
    {
        foreach (var container in StoragePaths.Containers)
            await Blobs.GetBlobContainerClient(container).CreateIfNotExistsAsync(cancellationToken: cancellationToken);
        foreach (var queue in StoragePaths.Queues)
            await Queues.GetQueueClient(queue).CreateIfNotExistsAsync(cancellationToken: cancellationToken);
    }

    /// <summary>
    /// Lets pages of these origins put pictures into the account and read from it, by addresses that are signed for them.
    /// In Azure the infrastructure does.
    /// </summary>
    /// <param name="origins">Such as <c>http://127.0.0.1:7071</c>.</param>
    /// <param name="keepOthers">Whether other pages may go on, which somebody else has let in.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task AllowPagesAsync(IReadOnlyList<string> origins, bool keepOthers, CancellationToken cancellationToken)
    {
        var rule = new BlobCorsRule
        {
            AllowedOrigins = string.Join(',', origins),
            AllowedMethods = "GET,HEAD,PUT",
            AllowedHeaders = "content-type,range,x-ms-blob-type",
            ExposedHeaders = "content-length,etag",
            MaxAgeInSeconds = 3600,
        };
        // Azurite takes all properties or none.
        var properties = (await Blobs.GetPropertiesAsync(cancellationToken)).Value;
        properties.Cors = [rule, .. keepOthers ? properties.Cors.Where(other => other.AllowedOrigins != rule.AllowedOrigins) : []];
        await Blobs.SetPropertiesAsync(properties, cancellationToken);
    }

    private static T Configure<T>(T options, HttpPipelinePolicy? probe, TimeProvider? time)
        where T : ClientOptions
    {
        options.RetryPolicy = new StorageRetryPolicy(time ?? TimeProvider.System);
        options.Retry.NetworkTimeout = NetworkTimeout;
        if (probe is not null) options.AddPolicy(probe, HttpPipelinePosition.PerRetry);
        return options;
    }
}

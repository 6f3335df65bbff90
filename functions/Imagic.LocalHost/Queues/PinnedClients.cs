using Azure.Core;
using Azure.Identity;
using Azure.Storage.Queues;
using Imagic.Storage;
using Microsoft.Extensions.Azure;
using Microsoft.Extensions.Configuration;

namespace Imagic.LocalHost.Queues;

/// <summary>Makes the listener's clients: of the host's storage, and of a version that Azurite speaks.</summary>
internal sealed class PinnedClients(StorageOptions storage) : AzureComponentFactory
{
    public override TokenCredential CreateTokenCredential(IConfiguration configuration) =>
        new DefaultAzureCredential(new DefaultAzureCredentialOptions { ManagedIdentityClientId = storage.ClientId });

    public override object CreateClientOptions(Type optionsType, object serviceVersion, IConfiguration configuration) =>
        new QueueClientOptions(StorageAccount.QueueVersion);

    public override object CreateClient(Type clientType, IConfiguration configuration, TokenCredential credential, object clientOptions) =>
        storage.ConnectionString is { } connectionString
            ? new QueueServiceClient(connectionString, (QueueClientOptions)clientOptions)
            : new QueueServiceClient(storage.QueueServiceUri, credential, (QueueClientOptions)clientOptions);
}

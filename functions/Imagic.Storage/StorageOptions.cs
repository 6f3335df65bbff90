using Imagic.Contracts;
using Microsoft.Extensions.Configuration;

namespace Imagic.Storage;

/// <summary>
/// Which storage account, and how to get in: a connection string (Azurite), or service addresses with the managed
/// identity. The settings are those of a Functions connection named <see cref="Connection"/>, so that triggers and
/// code share them.
/// </summary>
public sealed record StorageOptions
{
    /// <summary>Name of the connection: the settings start with it.</summary>
    public const string Connection = "ImagicStorage";

    /// <summary>Connection string; used for the emulator.</summary>
    public string? ConnectionString { get; init; }

    /// <summary>Address of the blob service, used with an identity.</summary>
    public Uri? BlobServiceUri { get; init; }

    /// <summary>Address of the queue service, used with an identity.</summary>
    public Uri? QueueServiceUri { get; init; }

    /// <summary>Client id of a user-assigned identity; the system's own when absent.</summary>
    public string? ClientId { get; init; }

    /// <summary>Reads the environment variables.</summary>
    /// <inheritdoc cref="Read"/>
    public static StorageOptions FromEnvironment() => Read(new ConfigurationBuilder().AddEnvironmentVariables().Build());

    /// <summary>Reads the settings.</summary>
    /// <exception cref="BadInputException">They are incomplete or contradict each other.</exception>
    public static StorageOptions Read(IConfiguration configuration)
    {
        var section = configuration.GetSection(Connection);
        if (section.Value is { Length: > 0 } connectionString) return new() { ConnectionString = connectionString };
        return new()
        {
            BlobServiceUri = Address("blobServiceUri"),
            QueueServiceUri = Address("queueServiceUri"),
            ClientId = section["clientId"] is { Length: > 0 } client ? client : null,
        };

        Uri Address(string name)
        {
            // By scheme: a path is an absolute address too, of a file.
            return Uri.TryCreate(section[name], UriKind.Absolute, out var uri) && (uri.Scheme == Uri.UriSchemeHttps || uri.Scheme == Uri.UriSchemeHttp)
                ? uri
                : throw new BadInputException(
                    $"The setting {Connection}__{name} is missing or is no address. Set {Connection} to a connection string (Azurite), or "
                    + $"{Connection}__blobServiceUri and {Connection}__queueServiceUri to use the managed identity.");
        }
    }
}

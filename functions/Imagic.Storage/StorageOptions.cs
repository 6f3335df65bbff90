using Imagic.Contracts;

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

    /// <summary>Reads the settings.</summary>
    /// <param name="setting">Gives a setting by its name, e.g. an environment variable.</param>
    /// <exception cref="BadInputException">They are incomplete or contradict each other.</exception>
    public static StorageOptions Read(Func<string, string?> setting)
    {
        if (setting(Connection) is { Length: > 0 } connectionString) return new() { ConnectionString = connectionString };
        return new()
        {
            BlobServiceUri = Address("blobServiceUri"),
            QueueServiceUri = Address("queueServiceUri"),
            ClientId = setting($"{Connection}__clientId") is { Length: > 0 } client ? client : null,
        };

        Uri Address(string name)
        {
            var key = $"{Connection}__{name}";
            // By scheme: a path is an absolute address too, of a file.
            return Uri.TryCreate(setting(key), UriKind.Absolute, out var uri) && (uri.Scheme == Uri.UriSchemeHttps || uri.Scheme == Uri.UriSchemeHttp)
                ? uri
                : throw new BadInputException(
                    $"The setting {key} is missing or is no address. Set {Connection} to a connection string (Azurite), or "
                    + $"{Connection}__blobServiceUri and {Connection}__queueServiceUri to use the managed identity.");
        }
    }
}

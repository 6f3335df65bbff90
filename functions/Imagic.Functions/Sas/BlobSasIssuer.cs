using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using Azure.Storage.Sas;
using Imagic.Storage;

namespace Imagic.Functions.Sas;

/// <summary>
/// Addresses that let whoever has them do one thing with one blob for some minutes, so that pictures go to and from
/// the storage account without passing through here.
/// </summary>
public sealed class BlobSasIssuer(StorageAccount account, TimeProvider time) : IDisposable
{
    /// <summary>How long a picture may be read under its address.</summary>
    public static readonly TimeSpan ReadLifetime = TimeSpan.FromMinutes(10);

    /// <summary>How long a picture may be uploaded to its address.</summary>
    public static readonly TimeSpan CreateLifetime = TimeSpan.FromMinutes(15);

    // Clocks differ by some minutes at most.
    private static readonly TimeSpan Skew = TimeSpan.FromMinutes(3);

    // The key that signs, where an identity has no account key. The service allows up to seven days.
    private static readonly TimeSpan SigningLifetime = TimeSpan.FromHours(6);

    // Half of a key's life: whoever has the address from a cache can still use it.
    private static readonly string CacheControl = $"private, max-age={ReadLifetime.TotalSeconds / 2:0}";

    private readonly SemaphoreSlim _renewal = new(1, 1);
    private UserDelegationKey? _signing;

    /// <summary>Sends whoever asks to an address to read a blob.</summary>
    public async Task<IResult> RedirectAsync(HttpRequest request, BlobClient blob, CancellationToken cancellationToken)
    {
        var (address, _) = await SignAsync(blob, BlobSasPermissions.Read, ReadLifetime, cancellationToken);
        request.HttpContext.Response.Headers.CacheControl = CacheControl;
        return TypedResults.Redirect(address.AbsoluteUri);
    }

    /// <summary>An address to create a blob that is not there: nothing else, not even to overwrite it.</summary>
    public Task<(Uri Address, DateTimeOffset Expires)> CreateAsync(BlobClient blob, CancellationToken cancellationToken) =>
        SignAsync(blob, BlobSasPermissions.Create, CreateLifetime, cancellationToken);

    public void Dispose() => _renewal.Dispose();

    private async Task<(Uri Address, DateTimeOffset Expires)> SignAsync(
        BlobClient blob, BlobSasPermissions permission, TimeSpan lifetime, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var sas = new BlobSasBuilder(permission, now + lifetime)
        {
            StartsOn = now - Skew,
            BlobContainerName = blob.BlobContainerName,
            BlobName = blob.Name,
            Protocol = blob.Uri.Scheme == Uri.UriSchemeHttps ? SasProtocol.Https : SasProtocol.HttpsAndHttp,
        };
        var address = account.UsesIdentity
            ? blob.GenerateUserDelegationSasUri(sas, await SigningKeyAsync(now + lifetime, cancellationToken))
            : blob.GenerateSasUri(sas);
        return (address, sas.ExpiresOn);
    }

    private async Task<UserDelegationKey> SigningKeyAsync(DateTimeOffset until, CancellationToken cancellationToken)
    {
        if (_signing is { } current && current.SignedExpiresOn > until) return current;
        await _renewal.WaitAsync(cancellationToken);
        try
        {
            if (_signing is { } renewed && renewed.SignedExpiresOn > until) return renewed;
            var now = time.GetUtcNow();
            var answer = await account.Blobs.GetUserDelegationKeyAsync(now - Skew, now + SigningLifetime, cancellationToken);
            return _signing = answer.Value;
        }
        finally
        {
            _renewal.Release();
        }
    }
}

using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using Azure.Storage.Sas;
using Imagic.Contracts;
using Imagic.Contracts.Results;
using Imagic.Storage;
using Microsoft.Net.Http.Headers;

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

    /// <summary>The two answers of <see cref="AnswerAsync"/>, for descriptions of the API.</summary>
    public const string Told = "Where the file is: to whoever sends Accept: application/json.", Sent = "Leads to the file.";

    // Clocks differ by some minutes at most.
    private static readonly TimeSpan Skew = TimeSpan.FromMinutes(3);

    // The key that signs, where an identity has no account key. The service allows up to seven days.
    private static readonly TimeSpan SigningLifetime = TimeSpan.FromHours(6);

    // Half of a key's life: whoever has the address from a cache can still use it.
    private static readonly string CacheControl = $"private, max-age={ReadLifetime.TotalSeconds / 2:0}";

    private readonly SemaphoreSlim _renewal = new(1, 1);
    private UserDelegationKey? _signing;

    /// <summary>
    /// Sends whoever asks to an address to read a blob. Whoever asks for JSON is told it instead: a page cannot follow
    /// the redirect without taking its function key along.
    /// </summary>
    public async Task<IResult> AnswerAsync(HttpRequest request, BlobClient blob, CancellationToken cancellationToken)
    {
        var (addressOf, expires) = await ReaderAsync(request.HttpContext.Response, cancellationToken);
        var address = addressOf(blob).AbsoluteUri;
        request.HttpContext.Response.Headers.Vary = HeaderNames.Accept;
        return AsksForJson(request)
            ? TypedResults.Json(new(address, expires), ContractsJsonContext.Default.FileLink)
            : TypedResults.Redirect(address);
    }

    /// <summary>Gives addresses to read blobs, each for one alone and all until the same time, and says in the answer how long they may be kept.</summary>
    public async Task<(Func<BlobClient, Uri> AddressOf, DateTimeOffset Expires)> ReaderAsync(HttpResponse response, CancellationToken cancellationToken)
    {
        response.Headers.CacheControl = CacheControl;
        return await SignerAsync(BlobSasPermissions.Read, ReadLifetime, cancellationToken);
    }

    /// <summary>An address to create a blob that is not there: nothing else, not even to overwrite it.</summary>
    public async Task<(Uri Address, DateTimeOffset Expires)> CreateAsync(BlobClient blob, CancellationToken cancellationToken)
    {
        var (addressOf, expires) = await SignerAsync(BlobSasPermissions.Create, CreateLifetime, cancellationToken);
        return (addressOf(blob), expires);
    }

    public void Dispose() => _renewal.Dispose();

    // Not */*, which every client sends.
    private static bool AsksForJson(HttpRequest request) => request.GetTypedHeaders().Accept.Any(
        type => type.MediaType.Equals("application/json", StringComparison.OrdinalIgnoreCase) && type.Quality is not 0.0);

    // One key for all that it signs.
    private async Task<(Func<BlobClient, Uri> AddressOf, DateTimeOffset Expires)> SignerAsync(
        BlobSasPermissions permission, TimeSpan lifetime, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var expires = now + lifetime;
        var key = account.UsesIdentity ? await SigningKeyAsync(expires, cancellationToken) : null;
        return (AddressOf, expires);

        Uri AddressOf(BlobClient blob)
        {
            var sas = new BlobSasBuilder(permission, expires)
            {
                StartsOn = now - Skew,
                BlobContainerName = blob.BlobContainerName,
                BlobName = blob.Name,
                Protocol = blob.Uri.Scheme == Uri.UriSchemeHttps ? SasProtocol.Https : SasProtocol.HttpsAndHttp,
            };
            return key is null ? blob.GenerateSasUri(sas) : blob.GenerateUserDelegationSasUri(sas, key);
        }
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

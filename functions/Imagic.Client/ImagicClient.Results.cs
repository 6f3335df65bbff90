using System.Net;
using Imagic.Contracts.Results;

namespace Imagic.Client;

/// <content>The pictures of an edit. The API sends on to where they are; the function key does not go there.</content>
public sealed partial class ImagicClient
{
    /// <summary>The files that an edit which succeeded has left, each with an address where it can be read without a key, for 10 minutes.</summary>
    public async Task<LinkedResults> GetResultsAsync(EditId id, CancellationToken cancellationToken = default)
    {
        using var request = Get($"edits/{id}/results");
        return await ReadAsync(request, ContractsJsonContext.Default.LinkedResults, cancellationToken);
    }

    /// <summary>A file of an edit's results or previews, as it comes.</summary>
    /// <param name="id">Which edit.</param>
    /// <param name="name">Name of the file in the manifest, such as <see cref="ResultManifest.SuggestedFile"/>.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>Reading it throws an <see cref="IOException"/> where it breaks off.</returns>
    public Task<Stream> OpenResultAsync(EditId id, string name, CancellationToken cancellationToken = default) => OpenAsync(PathOf(id, name), cancellationToken);

    /// <summary>A file of an edit's results or previews, whole.</summary>
    /// <inheritdoc cref="OpenResultAsync"/>
    /// <returns>Its bytes.</returns>
    public Task<byte[]> DownloadResultAsync(EditId id, string name, CancellationToken cancellationToken = default) => DownloadAsync(PathOf(id, name), cancellationToken);

    /// <summary>Where a file of an edit's results or previews can be read without a key, for 10 minutes.</summary>
    /// <inheritdoc cref="OpenResultAsync"/>
    /// <returns>The address.</returns>
    public Task<Uri> GetResultAddressAsync(EditId id, string name, CancellationToken cancellationToken = default) => AddressOfAsync(PathOf(id, name), cancellationToken);

    private static string PathOf(EditId id, string name) => $"edits/{id}/results/{string.Join('/', name.Split('/').Select(Uri.EscapeDataString))}";

    private async Task<Uri> AddressOfAsync(string path, CancellationToken cancellationToken)
    {
        using var request = Get(path);
        using var response = await SendAsync(request, HttpStatusCode.Found, cancellationToken);
        if (response.Headers.Location is { } location)
        {
            var address = new Uri(response.RequestMessage!.RequestUri!, location);
            if (address.Scheme == Uri.UriSchemeHttps || address.Scheme == _http.BaseAddress!.Scheme) return address;
        }

        throw NotReadable(response.StatusCode, new FormatException("It does not say where the file is."));
    }

    private async Task<byte[]> DownloadAsync(string path, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, await AddressOfAsync(path, cancellationToken));
        using var response = await SendAsync(request, cancellationToken);
        return await response.Content.ReadAsByteArrayAsync(cancellationToken);
    }

    private async Task<Stream> OpenAsync(string path, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, await AddressOfAsync(path, cancellationToken));
        request.Options.Set(AttemptHandler.Streams, true);
        // The stream holds the connection, and ends it.
        var response = await SendAsync(request, cancellationToken);
        return await response.Content.ReadAsStreamAsync(cancellationToken);
    }
}

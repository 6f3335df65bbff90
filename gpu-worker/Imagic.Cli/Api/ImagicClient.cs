using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Imagic.Contracts;
using Imagic.Contracts.Edits;
using Imagic.Contracts.Results;
using Imagic.Storage.Resilience;
using Polly;

namespace Imagic.Cli.Api;

/// <summary>An edit as the server told it, and what to ask with for news only.</summary>
internal sealed record FetchedEdit(EditView View, EntityTagHeaderValue? ETag);

/// <summary>The HTTP API as methods. Answers that refuse become <see cref="ApiException"/>, silence becomes <see cref="UnreachableException"/>.</summary>
internal sealed partial class ImagicClient(Uri server, TimeProvider time) : IDisposable
{
    // Decides only whether somebody is there at all.
    private static readonly TimeSpan HealthTimeout = TimeSpan.FromSeconds(5);

    private readonly ResiliencePipeline<HttpResponseMessage> _retry = ResiliencePipelines.Api(time);
    private readonly HttpClient _http = new() { BaseAddress = new(server, "/api/"), Timeout = TimeSpan.FromSeconds(100) };

    /// <summary>Address of the server, as one types it.</summary>
    public string Server { get; } = server.GetLeftPart(UriPartial.Authority);

    /// <summary>Whether an Imagic API is there, be it well or not.</summary>
    public async Task<bool> IsThereAsync(CancellationToken cancellationToken)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(HealthTimeout);
        try
        {
            using var response = await _http.GetAsync("health", deadline.Token);
            return response.Content.Headers.ContentType?.MediaType is "application/json" or ApiProblem.MediaType;
        }
        catch (Exception exception) when (exception is HttpRequestException or OperationCanceledException && !cancellationToken.IsCancellationRequested)
        {
            return false;
        }
    }

    /// <summary>Starts an edit, or finds the very same one started before.</summary>
    public Task<FetchedEdit> StartAsync(EditId id, EditRequest request, string name, byte[] picture, CancellationToken cancellationToken) =>
        EditAsync(
            () => new(HttpMethod.Put, $"edits/{id}") { Content = Form(request, name, picture) },
            cancellationToken)!;

    /// <summary>Reads an edit.</summary>
    /// <param name="id">Which.</param>
    /// <param name="known">What is known of it; null is answered when that is still so.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public Task<FetchedEdit?> GetAsync(EditId id, EntityTagHeaderValue? known, CancellationToken cancellationToken) => EditAsync(
        () =>
        {
            var request = new HttpRequestMessage(HttpMethod.Get, $"edits/{id}");
            if (known is not null) request.Headers.IfNoneMatch.Add(known);
            return request;
        },
        cancellationToken);

    /// <inheritdoc cref="GetAsync"/>
    /// <remarks>Null, too, while its start is on the way.</remarks>
    public Task<FetchedEdit?> FindAsync(EditId id, EntityTagHeaderValue? known, CancellationToken cancellationToken) =>
        UnlessMissingAsync(() => GetAsync(id, known, cancellationToken));

    /// <summary>Reads a page of edits.</summary>
    public Task<EditList> ListAsync(int limit, string? continuation, CancellationToken cancellationToken)
    {
        var query = string.Create(CultureInfo.InvariantCulture, $"edits?limit={limit}");
        if (continuation is not null) query += $"&continuation={Uri.EscapeDataString(continuation)}";
        return ReadAsync(() => new(HttpMethod.Get, query), ContractsJsonContext.Default.EditList, cancellationToken);
    }

    /// <summary>Asks to give an edit up.</summary>
    public Task<FetchedEdit> CancelAsync(EditId id, CancellationToken cancellationToken) =>
        EditAsync(() => new(HttpMethod.Post, $"edits/{id}/cancel"), cancellationToken)!;

    /// <summary>What an edit that succeeded has left.</summary>
    public Task<ResultManifest> GetResultsAsync(EditId id, CancellationToken cancellationToken) =>
        ReadAsync(() => new(HttpMethod.Get, $"edits/{id}/results"), ContractsJsonContext.Default.ResultManifest, cancellationToken);

    /// <summary>A file of an edit's results or previews.</summary>
    public Task<byte[]> DownloadAsync(EditId id, string name, CancellationToken cancellationToken) =>
        DownloadAsync($"edits/{id}/results/{string.Join('/', name.Split('/').Select(Uri.EscapeDataString))}", cancellationToken);

    public void Dispose() => _http.Dispose();

    private static MultipartFormDataContent Form(EditRequest request, string name, byte[] picture)
    {
        var form = new MultipartFormDataContent
        {
            { new ByteArrayContent(picture) { Headers = { ContentType = new("application/octet-stream") } }, "picture", name },
        };
        if (request.TargetText is { } text) form.Add(new StringContent(text), "targetText");
        if (request.Model is { } model) form.Add(new StringContent(model), "model");
        if (request.Settings is { } settings) form.Add(new StringContent(JsonSerializer.Serialize(settings, ContractsJsonContext.Default.EditOverrides)), "settings");
        if (request.Size is { } size) form.Add(new StringContent(JsonSerializer.Serialize(size, ContractsJsonContext.Default.WorkingSize)), "size");
        return form;
    }

    private static async Task<T?> UnlessMissingAsync<T>(Func<Task<T?>> call)
        where T : class
    {
        try
        {
            return await call();
        }
        catch (ApiException exception) when (exception.Status == HttpStatusCode.NotFound)
        {
            return null;
        }
    }

    private async Task<byte[]> DownloadAsync(string path, CancellationToken cancellationToken)
    {
        using var response = await SendAsync(() => new(HttpMethod.Get, path), cancellationToken);
        return await response.Content.ReadAsByteArrayAsync(cancellationToken);
    }

    private async Task<FetchedEdit?> EditAsync(Func<HttpRequestMessage> request, CancellationToken cancellationToken)
    {
        using var response = await SendAsync(request, cancellationToken);
        if (response.StatusCode == HttpStatusCode.NotModified) return null;
        return new(await ReadAsync(response, ContractsJsonContext.Default.EditView, cancellationToken), response.Headers.ETag);
    }

    private async Task<T> ReadAsync<T>(Func<HttpRequestMessage> request, JsonTypeInfo<T> type, CancellationToken cancellationToken)
    {
        using var response = await SendAsync(request, cancellationToken);
        return await ReadAsync(response, type, cancellationToken);
    }

    private async Task<T> ReadAsync<T>(HttpResponseMessage response, JsonTypeInfo<T> type, CancellationToken cancellationToken)
    {
        try
        {
            return await response.Content.ReadFromJsonAsync(type, cancellationToken) ?? throw new JsonException("It is null.");
        }
        catch (JsonException exception)
        {
            throw new ApiException("unreadable-answer", response.StatusCode, $"The answer of {Server} cannot be read: {exception.Message} Is it an Imagic of this version?");
        }
    }

    // Every call may be repeated: edits and batches are named by their content, cancelling twice is cancelling, a ticket too
    // many is not used, and the rest reads.
    private async Task<HttpResponseMessage> SendAsync(Func<HttpRequestMessage> make, CancellationToken cancellationToken)
    {
        HttpResponseMessage response;
        try
        {
            response = await _retry.ExecuteAsync(
                async token =>
                {
                    using var request = make();
                    return await _http.SendAsync(request, token);
                },
                cancellationToken);
        }
        catch (Exception exception) when (exception is HttpRequestException or TaskCanceledException { InnerException: TimeoutException })
        {
            throw new UnreachableException(Server, exception);
        }

        if (response.IsSuccessStatusCode || response.StatusCode == HttpStatusCode.NotModified) return response;
        using (response) throw await ApiProblem.ToExceptionAsync(response, cancellationToken);
    }
}

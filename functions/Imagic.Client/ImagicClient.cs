using System.Net;
using System.Net.Http.Json;
using System.Net.Mime;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Imagic.Contracts.Models;
using Microsoft.Extensions.Http.Resilience;
using Polly;

namespace Imagic.Client;

/// <summary>
/// The HTTP API of an Imagic service as methods; one client serves any number of calls at a time. Calls that fail in passing
/// are repeated; each that fails for good throws an <see cref="ImagicApiException"/>.
/// </summary>
public sealed partial class ImagicClient : IDisposable
{
    // Decides only whether somebody is there at all.
    private static readonly TimeSpan PresenceTimeout = TimeSpan.FromSeconds(5);

    private readonly HttpClient _http;
    private readonly ImagicClientOptions _options;
    private readonly TimeProvider _time;

    /// <summary>A client of its own. Where services are registered, <see cref="Microsoft.Extensions.DependencyInjection.ImagicClientServices.AddImagicClient"/> makes one.</summary>
    /// <param name="options">Where the API is.</param>
    /// <param name="time">Clock; the system's when null.</param>
    /// <exception cref="ArgumentException">The options have no usable address.</exception>
    public ImagicClient(ImagicClientOptions options, TimeProvider? time = null)
        : this(NewHttp(options, time ?? TimeProvider.System), options, time ?? TimeProvider.System)
    {
    }

    internal ImagicClient(HttpClient http, ImagicClientOptions options, TimeProvider time)
    {
        http.BaseAddress = options.Api;
        // Of all attempts together: each has its own.
        http.Timeout = Timeout.InfiniteTimeSpan;
        (_http, _options, _time) = (http, options, time);
        Address = options.Api.GetLeftPart(UriPartial.Authority);
    }

    /// <summary>Address of the service, as one types it.</summary>
    public string Address { get; }

    /// <summary>Whether the service reaches its storage.</summary>
    /// <exception cref="ImagicApiException">It does not, or is not there.</exception>
    public async Task<HealthReport> GetHealthAsync(CancellationToken cancellationToken = default)
    {
        using var request = Get("health");
        return await ReadAsync(request, ContractsJsonContext.Default.HealthReport, cancellationToken);
    }

    /// <summary>The models that edits may name, the profiles that they start from, and the limits of one edit.</summary>
    public async Task<ModelList> GetModelsAsync(CancellationToken cancellationToken = default)
    {
        using var request = Get("models");
        return await ReadAsync(request, ContractsJsonContext.Default.ModelList, cancellationToken);
    }

    /// <summary>Whether an Imagic API is there, be it well or not; known within seconds.</summary>
    public async Task<bool> IsThereAsync(CancellationToken cancellationToken = default)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(PresenceTimeout);
        using var request = Get("health");
        request.Options.Set(Retries.Never, true);
        try
        {
            using var response = await _http.SendAsync(request, deadline.Token);
            return response.Content.Headers.ContentType?.MediaType is MediaTypeNames.Application.Json or MediaTypeNames.Application.ProblemJson;
        }
        catch (Exception exception) when (exception is HttpRequestException or TimeoutException or OperationCanceledException && !cancellationToken.IsCancellationRequested)
        {
            return false;
        }
    }

    public void Dispose() => _http.Dispose();

    /// <summary>What connects: it follows no redirects, which would take the function key along.</summary>
    internal static void Configure(SocketsHttpHandler handler)
    {
        handler.AllowAutoRedirect = false;
        handler.PooledConnectionLifetime = TimeSpan.FromMinutes(5);
    }

    private static HttpClient NewHttp(ImagicClientOptions options, TimeProvider time)
    {
        var (retries, connections) = (new ResiliencePipelineBuilder<HttpResponseMessage>(), new SocketsHttpHandler());
        Retries.AddTo(retries, time);
        Configure(connections);
        return new(new ResilienceHandler(retries.Build()) { InnerHandler = new AttemptHandler(options.Timeout) { InnerHandler = connections } });
    }

    private static HttpRequestMessage Get(string path) => new(HttpMethod.Get, path);

    private async Task<T> ReadAsync<T>(HttpRequestMessage request, JsonTypeInfo<T> type, CancellationToken cancellationToken)
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
        catch (Exception exception) when (exception is JsonException or NotSupportedException or InvalidOperationException)
        {
            throw NotReadable(response.StatusCode, exception);
        }
    }

    private ImagicApiException NotReadable(HttpStatusCode status, Exception exception) => new(
        ImagicApiException.Unreadable, status, $"The answer of {Address} cannot be read: {exception.Message} Is it an Imagic of this version?", exception);

    private Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
        SendAsync(request, HttpStatusCode.NotModified, cancellationToken);

    // The address of a request is relative where it is the API's own. Beside success one more status is an answer.
    private async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, HttpStatusCode accepted, CancellationToken cancellationToken)
    {
        if (_options.FunctionKey is { } key && !request.RequestUri!.IsAbsoluteUri) request.Headers.Add("x-functions-key", key);
        HttpResponseMessage response;
        try
        {
            response = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        }
        catch (Exception exception) when (exception is HttpRequestException or TimeoutException)
        {
            throw new ImagicApiException(
                ImagicApiException.Unreachable, null, $"No Imagic answers at {request.RequestUri!.GetLeftPart(UriPartial.Authority)}.", exception);
        }

        if (response.IsSuccessStatusCode || response.StatusCode == accepted) return response;
        using (response) throw await ImagicApiException.OfAsync(response, _time, cancellationToken);
    }

    private static async Task<T?> UnlessAsync<T>(string code, Func<Task<T>> call)
        where T : class
    {
        try
        {
            return await call();
        }
        catch (ImagicApiException exception) when (exception.Code == code)
        {
            return null;
        }
    }
}

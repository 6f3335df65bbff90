using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using Imagic.Contracts.Models;
using Imagic.Storage.Resilience;
using Polly;

namespace Imagic.Worker.Models.Hub;

/// <summary>Calls of a hub with Hugging Face's HTTP interface. What it refuses becomes <see cref="HubException"/>.</summary>
public sealed class HubClient(HubOptions options, TimeProvider time) : IDisposable
{
    private const int MaxRedirects = 10;
    private const long MaxTextBytes = 32 << 20;

    private readonly ResiliencePipeline<HttpResponseMessage> _retry = ResiliencePipelines.Hub(time);

    // Redirects are followed here: the token must not go along.
    private readonly HttpClient _http = new(new SocketsHttpHandler { AllowAutoRedirect = false, ConnectTimeout = TimeSpan.FromSeconds(15) })
    {
        Timeout = options.Patience,
        DefaultRequestHeaders = { UserAgent = { new("imagic", typeof(HubClient).Assembly.GetName().Version?.ToString(3)) } },
    };

    public HubOptions Options => options;

    /// <summary>What a model's revision means now.</summary>
    public async Task<HubModel> FindAsync(HubReference model, CancellationToken cancellationToken)
    {
        var address = new Uri(options.Address, $"api/models/{model.Name}/revision/{Uri.EscapeDataString(model.Revision ?? "main")}?blobs=true");
        using var answer = await GetAsync(address, null, Fail, _ => { }, cancellationToken);
        try
        {
            return HubModel.Read(await ReadAsync(answer, cancellationToken), model.Name);
        }
        catch (JsonException exception)
        {
            throw new HubException(HubException.Refused, FaultKind.Failed, $"{address} does not answer as a hub does: {exception.Message}", exception);
        }

        HubException Fail(HttpResponseMessage failed) => HubException.Of(failed, model.Name, model.Revision, null, options);
    }

    /// <summary>A small file; nobody has compared it with what the hub names.</summary>
    internal async Task<byte[]> ReadAsync(HubModel model, HubFile file, CancellationToken cancellationToken)
    {
        using var answer = await OpenAsync(model, file, 0, file.Length, cancellationToken);
        return await ReadAsync(answer, cancellationToken);
    }

    /// <summary>Opens a part of a file; the answer may begin earlier, see <see cref="StartOf"/>.</summary>
    internal Task<HttpResponseMessage> OpenAsync(HubModel model, HubFile file, long from, long to, CancellationToken cancellationToken)
    {
        var path = string.Join('/', file.Path.Split('/').Select(Uri.EscapeDataString));
        var range = from == 0 && to == file.Length ? null : new RangeHeaderValue(from, to - 1);
        return GetAsync(
            new(options.Address, $"{model.Name}/resolve/{model.Commit}/{path}"), range,
            failed => HubException.Of(failed, model.Name, model.Commit, file.Path, options), Check, cancellationToken);

        void Check(HttpResponseMessage answer)
        {
            Same("X-Repo-Commit", model.Commit);
            Same("X-Linked-Size", $"{file.Length}");
            if (file.Sha256 is not null) Same("X-Linked-Etag", file.Sha256);
            if (answer.StatusCode == HttpStatusCode.OK) Length(answer.Content.Headers.ContentLength);
            if (answer.StatusCode == HttpStatusCode.PartialContent) Length(answer.Content.Headers.ContentRange?.Length);

            void Same(string header, string expected)
            {
                if (answer.Headers.TryGetValues(header, out var values) && values.First().Trim('"') is var found && !found.Equals(expected, StringComparison.OrdinalIgnoreCase))
                    throw HubException.OtherBytes($"The hub gives {file.Path} with {header} {found} where {expected} was named before.");
            }

            void Length(long? found)
            {
                if (found is { } bytes && bytes != file.Length) throw HubException.OtherBytes($"{file.Path} has {bytes} bytes, the hub names {file.Length}.");
            }
        }
    }

    /// <summary>Where an answer begins in its file: a server need not know ranges.</summary>
    internal static long StartOf(HttpResponseMessage answer) => answer.StatusCode == HttpStatusCode.PartialContent ? answer.Content.Headers.ContentRange?.From ?? -1 : 0;

    public void Dispose() => _http.Dispose();

    private async Task<HttpResponseMessage> GetAsync(
        Uri address, RangeHeaderValue? range, Func<HttpResponseMessage, HubException> fail, Action<HttpResponseMessage> check, CancellationToken cancellationToken)
    {
        for (var hops = 0; hops <= MaxRedirects; hops++)
        {
            var answer = await SendAsync(address, range, cancellationToken);
            try
            {
                if (answer.StatusCode is HttpStatusCode.OK or HttpStatusCode.PartialContent)
                {
                    if (answer.Content.Headers.ContentType?.MediaType is "text/html") throw HubException.WebPage(address);
                    check(answer);
                    return answer;
                }

                if ((int)answer.StatusCode is < 300 or >= 400 || answer.Headers.Location is not { } location) throw fail(answer);
                check(answer);
                var next = new Uri(address, location);
                if (next.Scheme != "https" && next.Scheme != address.Scheme)
                    throw new HubException(HubException.Refused, FaultKind.Failed, $"{address.Host} leads to {next.GetLeftPart(UriPartial.Path)}, which is not encrypted as it is itself.");
                address = next;
            }
            catch
            {
                answer.Dispose();
                throw;
            }

            answer.Dispose();
        }

        throw new HubException(HubException.Refused, FaultKind.Failed, $"{options.Address.Host} leads from one address to the next without end, at last to {address.GetLeftPart(UriPartial.Path)}.");
    }

    private async Task<HttpResponseMessage> SendAsync(Uri address, RangeHeaderValue? range, CancellationToken cancellationToken)
    {
        try
        {
            return await _retry.ExecuteAsync(
                async token =>
                {
                    using var request = new HttpRequestMessage(HttpMethod.Get, address) { Headers = { Range = range } };
                    if (options.Token is not null && Uri.Compare(address, options.Address, UriComponents.SchemeAndServer, UriFormat.Unescaped, StringComparison.OrdinalIgnoreCase) == 0)
                        request.Headers.Authorization = new("Bearer", options.Token);
                    return await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, token);
                },
                cancellationToken);
        }
        catch (HttpRequestException exception)
        {
            throw HubException.NotReached(address, exception.Message, exception);
        }
        catch (OperationCanceledException exception) when (!cancellationToken.IsCancellationRequested)
        {
            throw HubException.NotReached(address, $"no answer within {options.Patience.TotalSeconds:F0} s", exception);
        }
    }

    private async Task<byte[]> ReadAsync(HttpResponseMessage answer, CancellationToken cancellationToken)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(options.Patience);
        try
        {
            await answer.Content.LoadIntoBufferAsync(MaxTextBytes, patience.Token);
            return await answer.Content.ReadAsByteArrayAsync(patience.Token);
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException || exception is OperationCanceledException && !cancellationToken.IsCancellationRequested)
        {
            throw HubException.NotReached(answer.RequestMessage!.RequestUri!, exception.Message, exception);
        }
    }
}

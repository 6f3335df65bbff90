using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;
using StandardWebhooks;

namespace Imagic.Webhooks;

/// <summary>What came of a call.</summary>
/// <param name="Status">HTTP status; null when there was no answer.</param>
/// <param name="Problem">Why there was none, see <see cref="Contracts.Edits.WebhookView.LastProblem"/>.</param>
/// <param name="RetryAfter">Time after which the receiver wants to be called again.</param>
/// <param name="Body">Beginning of the answer, if that was wanted.</param>
public sealed record WebhookAnswer(int? Status, string? Problem = null, TimeSpan? RetryAfter = null, string Body = "")
{
    public bool IsSuccess => Status is >= 200 and < 300;
}

/// <summary>The way to other machines.</summary>
/// <param name="Resolve">Looks up a name.</param>
/// <param name="Connect">Connects to an address.</param>
public sealed record WebhookNetwork(
    Func<string, CancellationToken, Task<IPAddress[]>> Resolve, Func<IPEndPoint, CancellationToken, Task<Stream>> Connect)
{
    public static WebhookNetwork System { get; } = new(
        Dns.GetHostAddressesAsync,
        static async (endpoint, cancellationToken) =>
        {
            var socket = new Socket(endpoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            try
            {
                await socket.ConnectAsync(endpoint, cancellationToken);
                return new NetworkStream(socket, ownsSocket: true);
            }
            catch
            {
                socket.Dispose();
                throw;
            }
        });
}

/// <summary>
/// Calls webhooks, with the signatures of Standard Webhooks. A name is looked up once per connection, and the address
/// that was checked is the one that is connected to. Redirects are not followed, and no proxy is asked.
/// </summary>
public sealed class WebhookCaller : IDisposable
{
    /// <summary>Time that a receiver has to answer.</summary>
    public static readonly TimeSpan Timeout = TimeSpan.FromSeconds(15);

    private const int MaxBodyBytes = 4096;

    private readonly WebhookOptions _options;
    private readonly WebhookNetwork _network;
    private readonly TimeProvider _time;
    private readonly HttpClient _client;

    /// <param name="options">Which webhooks, and how signed.</param>
    /// <param name="time">The clock.</param>
    /// <param name="network">The way to them; null takes the system's.</param>
    public WebhookCaller(WebhookOptions options, TimeProvider time, WebhookNetwork? network = null)
    {
        (_options, _time, _network) = (options, time, network ?? WebhookNetwork.System);
        _client = new(new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseProxy = false,
            UseCookies = false,
            ConnectCallback = ConnectAsync,
            ActivityHeadersPropagator = null, // whose trace it is, is nobody else's business
            MaxResponseHeadersLength = 16,
            MaxResponseDrainSize = 0,
            PooledConnectionLifetime = TimeSpan.FromMinutes(1),
        }) { Timeout = global::System.Threading.Timeout.InfiniteTimeSpan };
    }

    /// <summary>Calls a webhook once.</summary>
    /// <param name="url">Where it is; it has been checked by <see cref="WebhookUrl"/>.</param>
    /// <param name="id">Names what is told, the same on every call.</param>
    /// <param name="payload">What is told, as JSON.</param>
    /// <param name="wantsBody">Whether the answer is more than a status.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task<WebhookAnswer> CallAsync(string url, string id, string payload, bool wantsBody, CancellationToken cancellationToken)
    {
        if (_options.Secrets.Count == 0) return new(Status: null, "no-secret");
        using var request = new HttpRequestMessage(HttpMethod.Post, url)
        {
            Content = new ByteArrayContent(Encoding.UTF8.GetBytes(payload)) { Headers = { ContentType = new("application/json") } },
        };
        var now = _time.GetUtcNow();
        request.Headers.UserAgent.Add(new("Imagic-Webhooks", "1"));
        request.Headers.Add("webhook-id", id);
        request.Headers.Add("webhook-timestamp", now.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture));
        request.Headers.Add("webhook-signature", string.Join(' ', _options.Secrets.Select(secret => new StandardWebhook(secret).Sign(id, now, payload))));

        using var late = new CancellationTokenSource(Timeout, _time);
        using var cancelled = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, late.Token);
        try
        {
            using var response = await _client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancelled.Token);
            var body = wantsBody ? await BeginningAsync(response.Content, cancelled.Token) : "";
            return new((int)response.StatusCode, RetryAfter: Wanted(response.Headers.RetryAfter), Body: body);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return new(Status: null, "timeout");
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException)
        {
            return new(Status: null, exception.InnerException is ForbiddenAddressException ? "forbidden-address" : "unreachable");
        }
    }

    public void Dispose() => _client.Dispose();

    private async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellationToken)
    {
        var (host, port) = (context.DnsEndPoint.Host, context.DnsEndPoint.Port);
        var addresses = IPAddress.TryParse(host, out var literal) ? [literal] : await _network.Resolve(host, cancellationToken);
        if (!_options.Allows(context.InitialRequestMessage.RequestUri!)) addresses = Array.FindAll(addresses, PublicAddress.Is);
        if (addresses.Length == 0) throw new ForbiddenAddressException();
        for (var i = 0; ; i++)
        {
            try
            {
                return await _network.Connect(new(addresses[i], port), cancellationToken);
            }
            catch (SocketException) when (i + 1 < addresses.Length)
            {
                // The next.
            }
        }
    }

    private TimeSpan? Wanted(RetryConditionHeaderValue? retryAfter) => retryAfter?.Delta ?? retryAfter?.Date - _time.GetUtcNow();

    private static async Task<string> BeginningAsync(HttpContent content, CancellationToken cancellationToken)
    {
        await using var stream = await content.ReadAsStreamAsync(cancellationToken);
        var buffer = new byte[MaxBodyBytes];
        var read = await stream.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, cancellationToken);
        return Encoding.UTF8.GetString(buffer, 0, read);
    }

    // Of the exceptions of a connection the client keeps the inner one.
    private sealed class ForbiddenAddressException() : IOException("The name has no public address.");
}

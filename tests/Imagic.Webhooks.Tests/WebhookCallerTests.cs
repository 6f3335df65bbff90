using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Time.Testing;
using StandardWebhooks;
using StandardWebhooks.Diagnostics;

namespace Imagic.Webhooks.Tests;

public class WebhookCallerTests
{
    private const string Payload = """{"type":"edit.completed","data":{"text":"a café"}}""";

    private static readonly IPAddress Elsewhere = IPAddress.Parse("93.184.215.14");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Call_IsSignedByEverySecret()
    {
        await using var receiver = await Receiver.StartAsync();
        var other = WebhookOptions.Secret(RandomNumberGenerator.GetBytes(32));
        using var caller = new WebhookCaller(receiver.Options with { Secrets = [Receiver.Secret, other] }, TimeProvider.System);

        var answer = await caller.CallAsync(receiver.Url, "msg_1", Payload, wantsBody: false, Token);

        Assert.Equal(new(200), answer);
        var call = Assert.Single(receiver.Calls);
        Assert.Equal(("/hook", Payload, "msg_1"), (call.Path, call.Payload, call.Id));
        Assert.Equal("application/json", call.Headers.ContentType.ToString());
        Assert.False(call.Headers.ContainsKey("traceparent"));
        var signatures = call.Headers["webhook-signature"].ToString().Split(' ');
        Assert.Equal([SignatureOf(call, Receiver.Secret), SignatureOf(call, other)], signatures);
        new StandardWebhook(Receiver.Secret).Verify(call.Payload, call.Headers);
        Assert.Throws<WebhookVerificationException>(() => new StandardWebhook(Receiver.Secret).Verify(call.Payload + " ", call.Headers));
        var stranger = WebhookOptions.Secret(RandomNumberGenerator.GetBytes(32));
        Assert.Throws<WebhookVerificationException>(() => new StandardWebhook(stranger).Verify(call.Payload, call.Headers));
        call.Headers["webhook-signature"] = signatures[1]; // the package looks at the first one only
        new StandardWebhook(other).Verify(call.Payload, call.Headers);
    }

    [Fact]
    public async Task Call_TellsItsTimeByTheClock()
    {
        await using var receiver = await Receiver.StartAsync();
        var time = new FakeTimeProvider(new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero));
        using var caller = new WebhookCaller(receiver.Options, time);

        await caller.CallAsync(receiver.Url, "msg_1", Payload, wantsBody: false, Token);

        Assert.Equal("1772366400", receiver.Calls.Single().Headers["webhook-timestamp"].ToString());
    }

    [Fact]
    public async Task Call_WithoutASecret_IsNotMade()
    {
        await using var receiver = await Receiver.StartAsync();
        using var caller = new WebhookCaller(receiver.Options with { Secrets = [] }, TimeProvider.System);

        Assert.Equal(new(null, "no-secret"), await caller.CallAsync(receiver.Url, "msg_1", Payload, wantsBody: false, Token));
        Assert.Empty(receiver.Calls);
    }

    [Theory]
    [InlineData(302)]
    [InlineData(307)]
    [InlineData(308)]
    public async Task Call_OfAReceiverThatRedirects_IsNotFollowed(int status)
    {
        await using var receiver = await Receiver.StartAsync(Receiver.Answer(status, "Location", "/inner"));
        using var caller = new WebhookCaller(receiver.Options, TimeProvider.System);

        var answer = await caller.CallAsync(receiver.Url, "msg_1", Payload, wantsBody: false, Token);

        Assert.Equal((status, false), (answer.Status, answer.IsSuccess));
        Assert.Equal("/hook", Assert.Single(receiver.Calls).Path);
    }

    [Theory]
    [InlineData("120", 120)]
    [InlineData("Sun, 01 Mar 2026 12:01:40 GMT", 100)]
    [InlineData("soon", null)]
    public async Task Call_OfAReceiverThatIsBusy_TellsWhenToComeAgain(string retryAfter, int? seconds)
    {
        await using var receiver = await Receiver.StartAsync(Receiver.Answer(429, "Retry-After", retryAfter));
        using var caller = new WebhookCaller(receiver.Options, new FakeTimeProvider(new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero)));

        var answer = await caller.CallAsync(receiver.Url, "msg_1", Payload, wantsBody: false, Token);

        Assert.Equal((429, (double?)seconds), (answer.Status, answer.RetryAfter?.TotalSeconds));
    }

    [Fact]
    public async Task Call_OfAReceiverThatHangs_IsGivenUp()
    {
        var arrived = new TaskCompletionSource();
        await using var receiver = await Receiver.StartAsync(context =>
        {
            arrived.SetResult();
            return Receiver.Hang(context);
        });
        var time = new FakeTimeProvider();
        using var caller = new WebhookCaller(receiver.Options, time);

        var call = caller.CallAsync(receiver.Url, "msg_1", Payload, wantsBody: false, Token);
        await arrived.Task.WaitAsync(Token);
        time.Advance(WebhookCaller.Timeout - TimeSpan.FromMilliseconds(1));
        Assert.False(call.IsCompleted);
        time.Advance(TimeSpan.FromMilliseconds(1));

        Assert.Equal(new(null, "timeout"), await call);
    }

    [Fact]
    public async Task Call_OfAReceiverThatBreaksOff_IsUnreachable()
    {
        await using var receiver = await Receiver.StartAsync(context =>
        {
            context.Abort();
            return Task.CompletedTask;
        });
        using var caller = new WebhookCaller(receiver.Options, TimeProvider.System);

        Assert.Equal(new(null, "unreachable"), await caller.CallAsync(receiver.Url, "msg_1", Payload, wantsBody: false, Token));
    }

    [Fact]
    public async Task Call_WhoseAnswerNeverEnds_ReadsItsBeginningIfAny()
    {
        await using var receiver = await Receiver.StartAsync(EndlessAsync, EndlessAsync);
        using var caller = new WebhookCaller(receiver.Options, TimeProvider.System);

        Assert.Equal(new(200), await caller.CallAsync(receiver.Url, "msg_1", Payload, wantsBody: false, Token));
        var answer = await caller.CallAsync(receiver.Url, "msg_1", Payload, wantsBody: true, Token);

        Assert.Equal(new string('x', 4096), answer.Body);

        static async Task EndlessAsync(HttpContext context)
        {
            while (!context.RequestAborted.IsCancellationRequested) await context.Response.WriteAsync(new('x', 1000));
        }
    }

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("10.1.2.3")]
    [InlineData("169.254.169.254")]
    [InlineData("::1")]
    [InlineData("fe80::1")]
    [InlineData("fd12::1")]
    [InlineData("::ffff:127.0.0.1")]
    public async Task Call_OfANameThatLeadsToThisNetwork_IsNotMade(string address)
    {
        var network = new RecordedNetwork([IPAddress.Parse(address)]);
        using var caller = new WebhookCaller(new() { Secrets = [Receiver.Secret] }, TimeProvider.System, network.Network);

        Assert.Equal(new(null, "forbidden-address"), await caller.CallAsync("https://hook.test/", "msg_1", Payload, wantsBody: false, Token));
        Assert.Empty(network.Connected);
    }

    [Fact]
    public async Task Call_OfALiteral_IsCheckedToo()
    {
        var network = new RecordedNetwork();
        using var caller = new WebhookCaller(new() { Secrets = [Receiver.Secret] }, TimeProvider.System, network.Network);

        Assert.Equal(new(null, "forbidden-address"), await caller.CallAsync("https://127.0.0.1/", "msg_1", Payload, wantsBody: false, Token));
        Assert.Equal(0, network.Lookups);
    }

    [Fact]
    public async Task Call_OfANameThatChanges_ConnectsToWhatWasChecked()
    {
        var network = new RecordedNetwork([Elsewhere], [IPAddress.Loopback]);
        using var caller = new WebhookCaller(new() { Secrets = [Receiver.Secret] }, TimeProvider.System, network.Network);

        var first = await caller.CallAsync("https://hook.test/", "msg_1", Payload, wantsBody: false, Token);
        var lookups = network.Lookups;
        var second = await caller.CallAsync("https://hook.test/", "msg_1", Payload, wantsBody: false, Token);

        Assert.Equal(("unreachable", 1, "forbidden-address"), (first.Problem, lookups, second.Problem));
        Assert.Equal([new IPEndPoint(Elsewhere, 443)], network.Connected);
    }

    [Fact]
    public async Task Call_OfANameWithSeveralAddresses_LeavesOutThoseOfThisNetwork()
    {
        var network = new RecordedNetwork([IPAddress.Loopback, Elsewhere]);
        using var caller = new WebhookCaller(new() { Secrets = [Receiver.Secret] }, TimeProvider.System, network.Network);

        await caller.CallAsync("https://hook.test:8443/", "msg_1", Payload, wantsBody: false, Token);

        Assert.Equal([new IPEndPoint(Elsewhere, 8443)], network.Connected);
    }

    [Fact]
    public async Task Call_OfAnAllowedName_MayLeadToThisNetwork()
    {
        await using var receiver = await Receiver.StartAsync();
        var network = WebhookNetwork.System with { Resolve = (_, _) => Task.FromResult<IPAddress[]>([IPAddress.Loopback]) };
        using var caller = new WebhookCaller(receiver.Options with { Hosts = new HashSet<string> { "hook.test" } }, TimeProvider.System, network);

        Assert.Equal(new(200), await caller.CallAsync($"http://hook.test:{receiver.Address.Port}/hook", "msg_1", Payload, wantsBody: false, Token));
    }

    private static string SignatureOf(Call call, string secret)
    {
        var signed = string.Create(CultureInfo.InvariantCulture, $"{call.Id}.{call.Headers["webhook-timestamp"]}.{call.Payload}");
        return $"v1,{Convert.ToBase64String(HMACSHA256.HashData(Convert.FromBase64String(secret["whsec_".Length..]), Encoding.UTF8.GetBytes(signed)))}";
    }

    /// <summary>Looks a name up as it is told, and connects to nothing.</summary>
    private sealed class RecordedNetwork(params IPAddress[][] answers)
    {
        public int Lookups { get; private set; }

        public List<IPEndPoint> Connected { get; } = [];

        public WebhookNetwork Network => new(
            (_, _) => Task.FromResult(answers[Lookups++]),
            (endpoint, _) =>
            {
                Connected.Add(endpoint);
                throw new IOException("Nobody is there.");
            });
    }
}

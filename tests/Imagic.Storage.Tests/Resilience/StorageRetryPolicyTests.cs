using System.Net.Sockets;
using Azure;
using Imagic.Storage.Resilience;
using Imagic.TestKit;
using Imagic.Tests;

namespace Imagic.Storage.Tests.Resilience;

/// <summary>The policy in a real client's pipeline, in front of Azurite.</summary>
public class StorageRetryPolicyTests(AzuriteFixture azurite)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static TheoryData<int> Passing => [408, 429, 500, 502, 503, 504];

    public static TheoryData<int> Final => [400, 401, 403, 404, 409, 412, 416, 501];

    [Theory]
    [MemberData(nameof(Passing))]
    public async Task Call_AnsweredWithAPassingFailure_IsTriedAgain(int status)
    {
        var (account, probe) = await NewAccountAsync();
        probe.Expect(Fault.Answer(status), Fault.Answer(status));

        Assert.True((await account.Uploads.ExistsAsync(Token)).Value);

        Assert.Equal(3, probe.Attempts);
    }

    [Theory]
    [MemberData(nameof(Final))]
    public async Task Call_AnsweredWithAnythingElse_GoesToTheCallerAtOnce(int status)
    {
        var (account, probe) = await NewAccountAsync();
        probe.Expect(Fault.Answer(status));

        var exception = await Assert.ThrowsAsync<RequestFailedException>(() => account.Uploads.GetPropertiesAsync(cancellationToken: Token));

        Assert.Equal((status, 1), (exception.Status, probe.Attempts));
    }

    public static TheoryData<string> PassingExceptions => [.. Exceptions.Keys];

    private static Dictionary<string, Func<Exception>> Exceptions { get; } = new()
    {
        ["reset"] = () => new IOException("reset"),
        ["refused"] = () => new HttpRequestException("refused", new SocketException()),
        ["no answer"] = () => new RequestFailedException("no answer"),
        ["time-out of the network"] = () => new TaskCanceledException("network"),
    };

    [Theory]
    [MemberData(nameof(PassingExceptions))]
    public async Task Call_WhoseConnectionFails_IsTriedAgain(string which)
    {
        var (account, probe) = await NewAccountAsync();
        probe.Expect(Fault.Throw(Exceptions[which]()));

        Assert.True((await account.Uploads.ExistsAsync(Token)).Value);

        Assert.Equal(2, probe.Attempts);
    }

    [Fact]
    public async Task Call_ThatFailsByMistake_IsNotTriedAgain()
    {
        var (account, probe) = await NewAccountAsync();
        probe.Expect(Fault.Throw(new InvalidOperationException("a mistake")));

        await Assert.ThrowsAsync<InvalidOperationException>(() => account.Uploads.ExistsAsync(Token));

        Assert.Equal(1, probe.Attempts);
    }

    [Fact]
    public async Task Call_OfACallerWhoGivesUp_IsNotTriedAgain()
    {
        var (account, probe) = await NewAccountAsync();
        using var caller = new CancellationTokenSource();
        probe.Expect(Fault.Throw(new TaskCanceledException("the caller's")));
        await caller.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => account.Uploads.ExistsAsync(caller.Token));

        Assert.InRange(probe.Attempts, 0, 1);
    }

    [Fact]
    public async Task Call_ThatFailsEachTime_EndsWithTheLastFailure()
    {
        var (account, probe) = await NewAccountAsync();
        for (var i = 0; i < 20; i++) probe.Expect(Fault.Answer(503));

        var exception = await Assert.ThrowsAsync<RequestFailedException>(() => account.Uploads.ExistsAsync(Token));

        Assert.Equal((503, 1 + ResiliencePipelines.MaxRetries), (exception.Status, probe.Attempts));
    }

    [Fact]
    public async Task Upload_TriedAgain_SendsTheWholeBodyAgain()
    {
        var (account, probe) = await NewAccountAsync();
        var content = new byte[300_000];
        new Random(1).NextBytes(content);
        probe.Expect(Fault.LoseAnswer(500), Fault.Answer(503));

        await account.Uploads.GetBlobClient("big").UploadAsync(new MemoryStream(content), overwrite: true, Token);

        Assert.Equal(3, probe.Attempts);
        Assert.Equal(content, (await account.Uploads.GetBlobClient("big").DownloadContentAsync(Token)).Value.Content.ToArray());
    }

    [Fact]
    public async Task SynchronousCall_AnsweredWithAPassingFailure_IsTriedAgain()
    {
        var (account, probe) = await NewAccountAsync();
        probe.Expect(Fault.Answer(500), Fault.Throw(new IOException("reset")));

#pragma warning disable CA1849, MA0042, xUnit1051 // the synchronous way is what is tested
        Assert.True(account.Uploads.Exists().Value);
#pragma warning restore CA1849, MA0042, xUnit1051

        Assert.Equal(3, probe.Attempts);
    }

    [Fact]
    public async Task QueueCall_AnsweredWithAPassingFailure_IsTriedAgain()
    {
        var (account, probe) = await NewAccountAsync();
        probe.Expect(Fault.Answer(503));

        await account.Queues.GetQueueClient("stage-optimize").SendMessageAsync("text", Token);

        Assert.Equal(2, probe.Attempts);
    }

    private async Task<(StorageAccount Account, StorageProbe Probe)> NewAccountAsync()
    {
        var options = azurite.NewOptions();
        await new StorageAccount(options).EnsureCreatedAsync(Token);
        var probe = new StorageProbe();
        return (new(options, probe, new JumpingTime()), probe);
    }
}

using System.Text.Json;
using System.Text.Json.Nodes;
using Azure.Core.Pipeline;
using Imagic.Contracts;
using Imagic.Contracts.Batches;
using Imagic.Contracts.Edits;
using Imagic.Contracts.Settings;
using Imagic.Contracts.Webhooks;
using Imagic.Functions.Webhooks;
using Imagic.Storage;
using Imagic.Storage.Batches;
using Imagic.Tests;
using Imagic.Webhooks;
using Imagic.Webhooks.Tests;
using Microsoft.Extensions.Time.Testing;

namespace Imagic.Functions.Tests.Webhooks;

public class WebhookDeliveryTests(AzuriteFixture azurite)
{
    private static readonly DateTimeOffset Start = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Deliver_ToAReceiverThatTakesIt_CallsOnceHoweverOftenItIsAsked()
    {
        await using var receiver = await Receiver.StartAsync();
        var place = await PlaceAsync(receiver.Options);
        var message = await place.EndAsync(receiver.Url);

        for (var i = 0; i < 3; i++) await place.Delivery.DeliverAsync(message, Token);

        var call = Assert.Single(receiver.Calls);
        Assert.Equal(message.Id, call.Id);
        var told = JsonNode.Parse(call.Payload)!;
        Assert.Equal(
            ("edit.completed", "2026-03-01T12:00:00+00:00", "cat-1", "https://imagic.example/api/edits/cat-1/results"),
            ((string)told["type"]!, (string)told["timestamp"]!, (string)told["data"]!["editId"]!, (string)told["links"]!["results"]!));
        Assert.Null(told["data"]!["webhook"]);
        Assert.Equal(new(receiver.Url) { Tries = 1, LastStatus = 200, DeliveredAt = Start }, await place.ViewAsync(message));
        Assert.Empty(place.Sent);
    }

    [Fact]
    public async Task Deliver_ToAReceiverThatFails_ComesAgainForThreeDaysUnderTheSameId()
    {
        await using var receiver = await Receiver.StartAsync([.. Enumerable.Repeat(Receiver.Answer(500), 20)]);
        var place = await PlaceAsync(receiver.Options);
        var message = await place.EndAsync(receiver.Url);

        for (var next = message; ; next = place.Sent[^1].Message)
        {
            await place.Delivery.DeliverAsync(next, Token);
            if ((await place.ViewAsync(message)).GaveUp is not null) break;
            var (sent, delay) = place.Sent[^1];
            Assert.Equal((message.Id, next.Tries + 1), (sent.Id, sent.Tries));
            Assert.InRange((await place.ViewAsync(message)).NextTry!.Value, place.Time.GetUtcNow() + delay, place.Time.GetUtcNow() + delay + TimeSpan.FromSeconds(1));
            place.Time.Advance(delay);
        }

        Assert.Equal((10, 9), (receiver.Calls.Count, place.Sent.Count));
        Assert.Equal([message.Id], receiver.Calls.Select(call => call.Id).Distinct());
        Assert.Single(receiver.Calls.Select(call => call.Payload).Distinct());
        Assert.Equal(new(receiver.Url) { Tries = 10, LastStatus = 500, GaveUp = "tries" }, await place.ViewAsync(message));
        Assert.InRange(place.Time.GetUtcNow() - Start, TimeSpan.FromHours(75), TimeSpan.FromHours(84));
    }

    [Fact]
    public async Task Deliver_ToAReceiverThatRecovers_IsDone()
    {
        await using var receiver = await Receiver.StartAsync(Receiver.Answer(503), Receiver.Answer(204));
        var place = await PlaceAsync(receiver.Options);
        var message = await place.EndAsync(receiver.Url);

        await place.Delivery.DeliverAsync(message, Token);
        await place.Delivery.DeliverAsync(message, Token); // another of the first call
        await place.Delivery.DeliverAsync(place.Sent.Single().Message, Token);
        await place.Delivery.DeliverAsync(message, Token);

        Assert.Equal(2, receiver.Calls.Count);
        Assert.Equal(new(receiver.Url) { Tries = 2, LastStatus = 204, DeliveredAt = Start }, await place.ViewAsync(message));
    }

    [Fact]
    public async Task Deliver_ToAReceiverThatIsGone_GivesUp()
    {
        await using var receiver = await Receiver.StartAsync(Receiver.Answer(410));
        var place = await PlaceAsync(receiver.Options);
        var message = await place.EndAsync(receiver.Url);

        await place.Delivery.DeliverAsync(message, Token);
        await place.Delivery.DeliverAsync(message, Token);

        Assert.Single(receiver.Calls);
        Assert.Equal(new(receiver.Url) { Tries = 1, LastStatus = 410, GaveUp = "gone" }, await place.ViewAsync(message));
        Assert.Empty(place.Sent);
    }

    [Theory]
    [InlineData(429)]
    [InlineData(503)]
    public async Task Deliver_ToAReceiverThatIsBusy_ComesAgainWhenItSays(int status)
    {
        await using var receiver = await Receiver.StartAsync(Receiver.Answer(status, "Retry-After", "7200"));
        var place = await PlaceAsync(receiver.Options);
        var message = await place.EndAsync(receiver.Url);

        await place.Delivery.DeliverAsync(message, Token);

        Assert.Equal(TimeSpan.FromHours(2), place.Sent.Single().Delay);
        Assert.Equal(Start.AddHours(2), (await place.ViewAsync(message)).NextTry);
    }

    [Fact]
    public async Task Deliver_ToAnAddressOfThisNetwork_IsNotCalled()
    {
        await using var receiver = await Receiver.StartAsync();
        var place = await PlaceAsync(receiver.Options with { Hosts = new HashSet<string>() });
        var message = await place.EndAsync(receiver.Url);

        await place.Delivery.DeliverAsync(message, Token);

        Assert.Empty(receiver.Calls);
        var view = await place.ViewAsync(message);
        Assert.Equal((1, null, "forbidden-address"), (view.Tries, view.LastStatus, view.LastProblem));
        Assert.NotNull(view.NextTry);
    }

    // The next message is there, and what became of this one is not: as if the app had died in between.
    [Fact]
    public async Task Deliver_AgainAfterItDiedHalfway_GoesOnAsOne()
    {
        await using var receiver = await Receiver.StartAsync(Receiver.Answer(500), Receiver.Answer(500), Receiver.Answer(500));
        var place = await PlaceAsync(receiver.Options);
        var message = await place.EndAsync(receiver.Url);

        await place.Delivery.DeliverAsync(message, Token);
        await place.Account.Edits.GetBlobClient("cat-1/webhook.json").DeleteAsync(cancellationToken: Token);
        await place.Delivery.DeliverAsync(message, Token);
        Assert.Equal([1, 1], place.Sent.Select(sent => sent.Message.Tries));
        foreach (var (next, _) in place.Sent.ToList()) await place.Delivery.DeliverAsync(next, Token);

        Assert.Equal([1, 1, 2], place.Sent.Select(sent => sent.Message.Tries));
        await place.Delivery.DeliverAsync(place.Sent[^1].Message, Token);
        Assert.Equal(4, receiver.Calls.Count);
        Assert.Equal([message.Id], receiver.Calls.Select(call => call.Id).Distinct());
        Assert.Equal((3, true), (await place.ViewAsync(message)) is var view ? (view.Tries, view.DeliveredAt is not null) : default);
    }

    [Fact]
    public async Task Deliver_OfAnEditThatWasStartedOver_TellsItsNewEndOnly()
    {
        await using var receiver = await Receiver.StartAsync();
        var place = await PlaceAsync(receiver.Options);
        var older = await place.EndAsync(receiver.Url, EditState.Failed);
        await place.Records.UpdateAsync(EditId.Parse("cat-1"), record => record with { State = EditState.Queued, Ended = null }, Token);
        await place.Delivery.DeliverAsync(older, Token);
        Assert.Empty(receiver.Calls);
        var again = (await place.Records.UpdateAsync(
            EditId.Parse("cat-1"), record => record with { State = EditState.Failed, Ended = Start.AddHours(1) }, Token))!.Value;

        await place.Delivery.DeliverAsync(older, Token);
        await place.Delivery.DeliverAsync(WebhookMessage.Of(again), Token);

        Assert.Equal(WebhookMessage.Of(again).Id, Assert.Single(receiver.Calls).Id);
        Assert.NotEqual(older.Id, WebhookMessage.Of(again).Id);
    }

    [Fact]
    public async Task Deliver_OfAnEditThatIsGone_CallsNobody()
    {
        await using var receiver = await Receiver.StartAsync();
        var place = await PlaceAsync(receiver.Options);
        var message = await place.EndAsync(receiver.Url);
        await place.Account.Edits.GetBlobClient("cat-1/edit.json").DeleteAsync(cancellationToken: Token);

        await place.Delivery.DeliverAsync(message, Token);

        Assert.Empty(receiver.Calls);
        Assert.Empty(await place.Account.Edits.GetBlobsAsync(cancellationToken: Token).ToArrayAsync(Token));
    }

    [Fact]
    public async Task Deliver_OfABatch_TellsItsSummaryWithoutItsLines()
    {
        await using var receiver = await Receiver.StartAsync();
        var place = await PlaceAsync(receiver.Options);
        var batches = new BatchStore(place.Account);
        var report = new BatchReport { Manifest = "my pets.csv", Run = "run-1", Created = Start, Accepted = [], Rejected = [], Webhook = receiver.Url };
        var summary = new BatchSummary
        {
            Manifest = report.Manifest, Run = report.Run, Ended = Start, Succeeded = 2, Failed = 1, Cancelled = 0, Rejected = 3,
            Edits = [new(1, EditId.Parse("cat-1"), "a dog", EditState.Failed, 1)],
        };
        await batches.TryWriteReportAsync(report.Manifest, report, before: null, Token);
        var message = WebhookMessage.Of(report.Manifest, summary);
        await place.Delivery.DeliverAsync(message, Token);
        Assert.Empty(receiver.Calls); // it has not ended
        await batches.WriteSummaryAsync(report.Manifest, summary, Token);

        for (var i = 0; i < 2; i++) await place.Delivery.DeliverAsync(message, Token);

        var told = JsonNode.Parse(Assert.Single(receiver.Calls).Payload)!;
        Assert.Equal(("batch.completed", 2, 0), ((string)told["type"]!, (int)told["data"]!["succeeded"]!, told["data"]!["edits"]!.AsArray().Count));
        Assert.Equal("https://imagic.example/api/batches/my%20pets.csv/contact-sheet", (string)told["links"]!["results"]!);
        Assert.NotNull((await place.ViewAsync(message)).DeliveredAt);
    }

    private async Task<Place> PlaceAsync(WebhookOptions options)
    {
        var storage = azurite.NewOptions();
        var sent = new SentMessages();
        var account = new StorageAccount(storage, sent);
        await account.EnsureCreatedAsync(Token);
        var time = new FakeTimeProvider(Start);
        return new(account, sent.Messages, time, new(
            new(account), new(account), new(account), new(account), new(options, time), new() { Address = "https://imagic.example" }, time));
    }

    private sealed record Place(StorageAccount Account, List<(WebhookMessage Message, TimeSpan Delay)> Sent, FakeTimeProvider Time, WebhookDelivery Delivery)
    {
        public EditRecords Records => new(Account);

        /// <summary>An edit that has ended, and the message about it.</summary>
        public async Task<WebhookMessage> EndAsync(string url, EditState state = EditState.Succeeded) => WebhookMessage.Of((await Records.CreateAsync(
            new()
            {
                EditId = EditId.Parse("cat-1"),
                State = state,
                Created = Start.AddHours(-1),
                Ended = Start,
                RequestHash = "hash",
                Model = "emoji-64",
                Settings = EditProfile.All["emoji-64"].For("a dog"),
                Source = new("photo.png", new('0', 64), 1000, "PNG", 64, 64),
                Webhook = url,
            },
            Token))!.Value);

        public async Task<WebhookView> ViewAsync(WebhookMessage message) => (await new WebhookStatuses(Account).FindAsync(message, Token))!.Value.View;
    }

    /// <summary>The messages to webhooks that were sent. Those on the queue are hidden until their time.</summary>
    private sealed class SentMessages : HttpPipelineSynchronousPolicy
    {
        public List<(WebhookMessage Message, TimeSpan Delay)> Messages { get; } = [];

        public override void OnReceivedResponse(Azure.Core.HttpMessage message)
        {
            if (!message.Request.Uri.Path.EndsWith("/webhooks/messages", StringComparison.Ordinal)) return;
            using var body = new MemoryStream();
            message.Request.Content!.WriteTo(body, Token);
            body.Position = 0;
            var text = System.Xml.Linq.XDocument.Load(body).Root!.Value;
            var seconds = int.Parse(System.Web.HttpUtility.ParseQueryString(message.Request.Uri.Query)["visibilitytimeout"]!, System.Globalization.CultureInfo.InvariantCulture);
            Messages.Add((JsonSerializer.Deserialize(QueueText.Decode(text), ContractsJsonContext.Default.WebhookMessage)!, TimeSpan.FromSeconds(seconds)));
        }
    }
}

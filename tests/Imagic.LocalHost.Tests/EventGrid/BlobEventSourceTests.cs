using System.Text.Json;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using Imagic.Contracts;
using Imagic.LocalHost.EventGrid;
using Imagic.Storage;
using Imagic.Tests;
using Microsoft.Extensions.Logging.Abstractions;

namespace Imagic.LocalHost.Tests.EventGrid;

public sealed class BlobEventSourceTests(AzuriteFixture azurite) : IAsyncLifetime
{
    private StorageAccount _account = null!;

    public async ValueTask InitializeAsync() => _account = await azurite.NewAccountAsync();

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    [Fact]
    public async Task Blob_Created_IsToldInTheEventGridSchema()
    {
        await using var source = Run();
        var blob = _account.Uploads.GetBlobClient("trip/a dog.png");
        await blob.UploadAsync(
            BinaryData.FromString("picture"),
            new BlobUploadOptions { HttpHeaders = new() { ContentType = "image/png" } },
            TestContext.Current.CancellationToken);

        var told = (await EventsAsync(1)).Single();

        var properties = (await blob.GetPropertiesAsync(cancellationToken: TestContext.Current.CancellationToken)).Value;
        Assert.Equal(
            ["topic", "subject", "eventType", "id", "data", "dataVersion", "metadataVersion", "eventTime"],
            told.EnumerateObject().Select(member => member.Name));
        Assert.Equal("/blobServices/default/containers/uploads/blobs/trip/a dog.png", told.GetProperty("subject").GetString());
        Assert.Equal("Microsoft.Storage.BlobCreated", told.GetProperty("eventType").GetString());
        Assert.Equal(properties.LastModified, told.GetProperty("eventTime").GetDateTimeOffset());
        var data = told.GetProperty("data");
        Assert.Equal(
            ["api", "clientRequestId", "requestId", "eTag", "contentType", "contentLength", "blobType", "url", "sequencer", "storageDiagnostics"],
            data.EnumerateObject().Select(member => member.Name));
        Assert.Equal("PutBlob", data.GetProperty("api").GetString());
        Assert.Equal(properties.ETag.ToString().Trim('"'), data.GetProperty("eTag").GetString());
        Assert.Equal("image/png", data.GetProperty("contentType").GetString());
        Assert.Equal(7, data.GetProperty("contentLength").GetInt64());
        Assert.Equal("BlockBlob", data.GetProperty("blobType").GetString());
        Assert.Equal(blob.Uri.AbsoluteUri, data.GetProperty("url").GetString());
    }

    [Fact]
    public async Task Blob_ByKey_IsNeverTold()
    {
        await UploadAsync(_account.Tickets.GetBlobClient("0193/cat.png"), "1");
        await using var source = Run();

        // The second look comes after the whole of the first.
        foreach (var name in new[] { "first.csv", "second.csv" })
        {
            await UploadAsync(_account.Batches.GetBlobClient(name), "1");
            Assert.EndsWith($"/batches/blobs/{name}", (await EventsAsync(1)).Single().GetProperty("subject").GetString(), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Blob_Overwritten_IsToldAgain()
    {
        await using var source = Run();
        var blob = _account.Batches.GetBlobClient("spring.csv");
        await UploadAsync(blob, "1");
        var first = (await EventsAsync(1)).Single();

        await UploadAsync(blob, "2");
        var second = (await EventsAsync(1)).Single();

        Assert.Equal(Subject(first), Subject(second));
        Assert.NotEqual(first.GetProperty("id").GetString(), second.GetProperty("id").GetString());
        Assert.NotEqual(first.GetProperty("data").GetProperty("eTag").GetString(), second.GetProperty("data").GetProperty("eTag").GetString());
        Assert.True(string.CompareOrdinal(
            first.GetProperty("data").GetProperty("sequencer").GetString(), second.GetProperty("data").GetProperty("sequencer").GetString()) < 0);
    }

    [Fact]
    public async Task Blob_CreatedWhileNobodyLooked_IsToldAfterTheStart_AndOnlyThat()
    {
        var before = Run();
        await UploadAsync(_account.Uploads.GetBlobClient("old.png"), "old");
        await EventsAsync(1);
        await RememberedAsync("old.png");
        await before.DisposeAsync();

        await UploadAsync(_account.Uploads.GetBlobClient("new.png"), "new");
        await using var after = Run();

        Assert.Equal("/blobServices/default/containers/uploads/blobs/new.png", Subject((await EventsAsync(1)).Single()));
        await RememberedAsync("new.png");
        Assert.Empty(await ReceiveAsync());
    }

    [Fact]
    public async Task Blob_Deleted_IsForgotten()
    {
        await using var source = Run();
        var blob = _account.Uploads.GetBlobClient("a.png");
        await UploadAsync(blob, "1");
        await EventsAsync(1);
        await RememberedAsync("a.png");

        await blob.DeleteAsync(cancellationToken: TestContext.Current.CancellationToken);

        await Until.TrueAsync(async () => !(await MemoryAsync()).Contains("a.png", StringComparison.Ordinal), "it is forgotten");
        Assert.Empty(await ReceiveAsync());
    }

    [Fact]
    public async Task Blobs_Hundreds_AreEachToldOnce()
    {
        const int Count = 150;
        await Parallel.ForEachAsync(
            Enumerable.Range(0, Count),
            TestContext.Current.CancellationToken,
            async (i, _) => await UploadAsync(_account.Uploads.GetBlobClient($"{i:D4}.png"), "x"));

        await using var source = Run();

        var told = await EventsAsync(Count);
        Assert.Equal(Count, told.Select(Subject).Distinct().Count());
        await RememberedAsync("0149.png");
        Assert.Empty(await ReceiveAsync());
    }

    [Fact]
    public async Task Memory_Broken_TellsEverythingAgain()
    {
        await UploadAsync(_account.Uploads.GetBlobClient("a.png"), "1");
        var container = _account.Blobs.GetBlobContainerClient(BlobEventSource.HostContainer);
        await container.CreateIfNotExistsAsync(cancellationToken: TestContext.Current.CancellationToken);
        await UploadAsync(container.GetBlobClient("imagic-events/uploads.json"), "{broken");

        await using var source = Run();

        Assert.EndsWith("a.png", Subject((await EventsAsync(1)).Single()));
    }

    private static string Subject(JsonElement told) => told.GetProperty("subject").GetString()!;

    private static async Task UploadAsync(BlobClient blob, string text) =>
        await blob.UploadAsync(BinaryData.FromString(text), overwrite: true, TestContext.Current.CancellationToken);

    private Running Run() => new(new(_account, TimeSpan.FromMilliseconds(50), TimeProvider.System, NullLogger.Instance));

    private async Task<List<JsonElement>> EventsAsync(int count)
    {
        var events = new List<JsonElement>();
        await Until.TrueAsync(
            async () =>
            {
                events.AddRange(await ReceiveAsync());
                return events.Count >= count;
            },
            $"{count} events came");
        return events;
    }

    private async Task<List<JsonElement>> ReceiveAsync()
    {
        var queue = _account.Queues.GetQueueClient(StoragePaths.StorageEvents);
        var events = new List<JsonElement>();
        foreach (var message in (await queue.ReceiveMessagesAsync(32, cancellationToken: TestContext.Current.CancellationToken)).Value)
        {
            using var document = JsonDocument.Parse(Convert.FromBase64String(message.MessageText));
            events.Add(document.RootElement.Clone());
            await queue.DeleteMessageAsync(message.MessageId, message.PopReceipt, TestContext.Current.CancellationToken);
        }

        return events;
    }

    private Task RememberedAsync(string blob) =>
        Until.TrueAsync(async () => (await MemoryAsync()).Contains(blob, StringComparison.Ordinal), $"{blob} is remembered");

    private async Task<string> MemoryAsync()
    {
        var memory = _account.Blobs.GetBlobContainerClient(BlobEventSource.HostContainer).GetBlobClient("imagic-events/uploads.json");
        return await memory.ExistsAsync(TestContext.Current.CancellationToken)
            ? (await memory.DownloadContentAsync(TestContext.Current.CancellationToken)).Value.Content.ToString()
            : "";
    }

    private sealed class Running : IAsyncDisposable
    {
        private readonly CancellationTokenSource _stop = new();
        private readonly Task _running;

        public Running(BlobEventSource source) => _running = source.RunAsync(_stop.Token);

        public async ValueTask DisposeAsync()
        {
            await _stop.CancelAsync();
            await _running;
            _stop.Dispose();
        }
    }
}

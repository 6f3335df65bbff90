using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Azure.Storage.Blobs.Models;
using Azure.Storage.Blobs.Specialized;
using Imagic.Contracts;
using Imagic.Contracts.Edits;
using Imagic.Contracts.Settings;
using Imagic.Contracts.Stages;
using Imagic.Functions.Tests.Events;
using Imagic.Runtime.Storage;

namespace Imagic.Functions.Tests;

/// <summary>
/// The app on a port of its own, over an account of its own. How it is started, and how messages of queues get to it, is
/// told beside the tests of the front end that was built.
/// </summary>
internal sealed partial class FunctionApp : IAsyncDisposable
{
    public StorageAccount Account { get; }

    public EditRecords Records { get; }

    /// <summary>Follows no redirects.</summary>
    public HttpClient Client { get; } = new(new SocketsHttpHandler { AllowAutoRedirect = false });

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public Task UploadAsync(string name, byte[] picture) =>
        Account.Uploads.GetBlobClient(name).UploadAsync(BinaryData.FromBytes(picture), Cancellation);

    /// <summary>Delivers a message to a function, and says what it said.</summary>
    public async Task<string[]> DeliverTextAsync(string function, string text)
    {
        var said = await TryDeliverAsync(function, text);
        Assert.True(said is not null, $"{function} failed");
        return said;
    }

    /// <summary>Delivers the event of a blob as Event Grid puts it on the queue.</summary>
    public Task<string[]> DeliverAsync(string container, string name, string function = "OnStorageEvent") =>
        DeliverTextAsync(function, EventJson.Created(this, container, name));

    public Task<HttpResponseMessage> PutAsync(string id, string json) => Client.PutAsync($"edits/{id}", JsonBody(json), Cancellation);

    public Task<HttpResponseMessage> GetAsync(string path) => Client.GetAsync(path, Cancellation);

    public static StringContent JsonBody(string json) => new(json, System.Text.Encoding.UTF8, "application/json");

    public async Task<EditRecord> RecordAsync(string id) =>
        (await Records.ReadAsync(EditId.Parse(id), Cancellation))?.Value ?? throw new InvalidOperationException($"There is no record of {id}.");

    /// <summary>An edit that is there whoever started it.</summary>
    public async Task<EditRecord> CreateRecordAsync(string id, Func<EditRecord, EditRecord>? change = null)
    {
        var record = new EditRecord
        {
            EditId = EditId.Parse(id),
            Created = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero),
            RequestHash = "hash",
            Model = "emoji-64",
            Settings = EditProfile.All["emoji-64"].For("a dog"),
            Source = new("photo.png", new('0', 64), 1000, "PNG", 64, 64),
        };
        return (await Records.CreateAsync(change?.Invoke(record) ?? record, Cancellation))!.Value;
    }

    public async Task<string[]> BlobsAsync() =>
        [.. await Account.Edits.GetBlobsAsync(cancellationToken: Cancellation).Select(blob => blob.Name).ToArrayAsync(Cancellation)];

    public async Task<IReadOnlyDictionary<string, string>> SourceMetadataAsync(string id) => (IReadOnlyDictionary<string, string>)
        (await Account.Edits.GetBlobClient(StoragePaths.Source(EditId.Parse(id))).GetPropertiesAsync(cancellationToken: Cancellation)).Value.Metadata;

    /// <summary>The messages that ask for the first stage; they stay where they are.</summary>
    public async Task<StageMessage[]> MessagesAsync()
    {
        var answer = await Account.Queues.GetQueueClient(StoragePaths.StageQueue(EditStage.Optimize)).PeekMessagesAsync(32, Cancellation);
        return [.. answer.Value.Select(message =>
            Versioning.Read(QueueText.Decode(message.Body.ToString()), ContractsJsonContext.Default.StageMessage, "message"))];
    }

    public async Task AssertNothingWrittenAsync()
    {
        Assert.Empty(await BlobsAsync());
        var blocks = await Account.Edits.GetBlobsAsync(BlobTraits.None, BlobStates.Uncommitted, null, Cancellation).ToArrayAsync(Cancellation);
        Assert.Empty(blocks);
        Assert.Empty(await MessagesAsync());
    }

    /// <summary>That an answer is a problem of this status and code.</summary>
    public static async Task<JsonNode> AssertProblemAsync(HttpResponseMessage response, int status, string code)
    {
        var text = await response.Content.ReadAsStringAsync(Cancellation);
        Assert.True((int)response.StatusCode == status, $"{(int)response.StatusCode}: {text}");
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.MediaType);
        var problem = JsonNode.Parse(text)!;
        Assert.Equal(code, (string?)problem["code"]);
        Assert.Equal(status, (int?)problem["status"]);
        Assert.NotEmpty((string)problem["detail"]!);
        return problem;
    }

    public static async Task<EditView> ViewAsync(HttpResponseMessage response)
    {
        Assert.True(response.IsSuccessStatusCode, await response.Content.ReadAsStringAsync(Cancellation));
        return (await response.Content.ReadFromJsonAsync(ContractsJsonContext.Default.EditView, Cancellation))!;
    }
}

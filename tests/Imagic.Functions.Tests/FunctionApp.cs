using System.Collections.Concurrent;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Azure.Storage.Blobs.Models;
using Azure.Storage.Blobs.Specialized;
using Imagic.Contracts;
using Imagic.Contracts.Edits;
using Imagic.Contracts.Settings;
using Imagic.Contracts.Stages;
using Imagic.Functions.Tests.StorageEvents;
using Imagic.Storage;
using Imagic.Tests;

[assembly: AssemblyFixture(typeof(Imagic.Functions.Tests.FunctionApps))]

namespace Imagic.Functions.Tests;

/// <summary>
/// The apps that no test uses at the moment. A process takes seconds to start and none to have its account emptied, so
/// there are only as many as tests run at a time.
/// </summary>
public sealed class FunctionApps : IAsyncDisposable
{
    private static readonly ConcurrentDictionary<string, ConcurrentBag<FunctionApp>> All = new(StringComparer.Ordinal);

    internal static ConcurrentBag<FunctionApp> Idle(string settings) => All.GetOrAdd(settings, _ => []);

    public async ValueTask DisposeAsync()
    {
        foreach (var idle in All.Values)
        {
            while (idle.TryTake(out var app)) await app.EndAsync();
        }
    }
}

/// <summary>The app as the Functions host runs it: a process of its own, over an account that is empty when a test takes it.</summary>
internal sealed class FunctionApp : IAsyncDisposable
{
    private readonly FunctionsHost _host;
    private ConcurrentBag<FunctionApp>? _idle;

    private FunctionApp(StorageAccount account, FunctionsHost host, ConcurrentBag<FunctionApp>? idle)
    {
        Account = account;
        Records = new(Account);
        (_host, _idle) = (host, idle);
        Client = NewClient();
    }

    public StorageAccount Account { get; }

    public EditRecords Records { get; }

    public EditIndex Index => new(Account);

    /// <summary>Follows no redirects.</summary>
    public HttpClient Client { get; private set; }

    public Uri Address => _host.Address;

    public FunctionsHost Host => _host;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>One without settings may be another test's; one with settings is a process that no test has asked before.</summary>
    /// <param name="azurite">Where it gets an account.</param>
    /// <param name="settings">Settings of its own, as <c>name=value</c>.</param>
    public static Task<FunctionApp> StartAsync(AzuriteFixture azurite, params string[] settings) =>
        settings.Length == 0 ? TakeAsync(azurite) : StartAsync(azurite, null, settings);

    /// <summary>One with these settings that other tests may have used: not where it counts what it remembers.</summary>
    public static async Task<FunctionApp> TakeAsync(AzuriteFixture azurite, params string[] settings)
    {
        var idle = FunctionApps.Idle(string.Join('\n', settings));
        if (!idle.TryTake(out var app)) return await StartAsync(azurite, idle, settings);
        await app.EmptyAsync();
        app.Client = app.NewClient();
        return app;
    }

    private static async Task<FunctionApp> StartAsync(AzuriteFixture azurite, ConcurrentBag<FunctionApp>? idle, string[] settings)
    {
        var options = azurite.NewOptions();
        var account = new StorageAccount(options);
        await account.EnsureCreatedAsync(Cancellation);
        var all = settings.Select(setting => setting.Split('=', 2)).ToDictionary(setting => setting[0], setting => setting[1]);
        return new(account, await FunctionsHost.StartAsync(options, all, Cancellation), idle);
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        if (_idle is not null) _idle.Add(this);
        else await EndAsync();
    }

    public ValueTask EndAsync() => _host.DisposeAsync();

    /// <summary>Asks the app to end, and says with which code it does.</summary>
    public Task<int> StopAsync()
    {
        _idle = null;
        return _host.StopAsync();
    }

    public Task UploadAsync(string name, byte[] picture) =>
        Account.Uploads.GetBlobClient(name).UploadAsync(BinaryData.FromBytes(picture), Cancellation);

    /// <summary>Delivers a message to a function; false when it failed, so that the host would bring it again.</summary>
    public async Task<bool> TryDeliverAsync(string function, string text, string? traceParent = null) =>
        await _host.InvokeAsync(function, text, traceParent, Cancellation) is null;

    /// <summary>Delivers a message to a function.</summary>
    public async Task DeliverTextAsync(string function, string text) => Assert.Null(await _host.InvokeAsync(function, text, null, Cancellation));

    /// <summary>Delivers the event of a blob as Event Grid puts it on the queue.</summary>
    public Task DeliverAsync(string container, string name, string function = "OnStorageEvent") =>
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
        var created = (await Records.CreateAsync(change?.Invoke(record) ?? record, Cancellation))!.Value;
        await Index.WriteAsync(created, Cancellation);
        return created;
    }

    /// <summary>Changes an edit as a worker does.</summary>
    public Task ChangeAsync(string id, Func<EditRecord, EditRecord> change) => Records.UpdateAsync(EditId.Parse(id), change, Cancellation);

    public async Task<string[]> BlobsAsync() =>
        [.. await Account.Edits.GetBlobsAsync(cancellationToken: Cancellation).Select(blob => blob.Name).ToArrayAsync(Cancellation)];

    public async Task<IReadOnlyDictionary<string, string>> SourceMetadataAsync(string id) => (IReadOnlyDictionary<string, string>)
        (await Account.Edits.GetBlobClient(StoragePaths.Source(EditId.Parse(id))).GetPropertiesAsync(cancellationToken: Cancellation)).Value.Metadata;

    /// <summary>The messages that ask for the first stage; they stay where they are.</summary>
    public async Task<StageMessage[]> MessagesAsync(EditStage stage = EditStage.Optimize)
    {
        var answer = await Account.Queues.GetQueueClient(StoragePaths.StageQueue(stage)).PeekMessagesAsync(32, Cancellation);
        return [.. answer.Value.Select(message =>
            Versioning.Read(QueueText.Decode(message.Body.ToString()), ContractsJsonContext.Default.StageMessage, "message"))];
    }

    public async Task AssertNothingWrittenAsync()
    {
        Assert.Empty(await BlobsAsync());
        var blocks = await Account.Edits.GetBlobsAsync(BlobTraits.None, BlobStates.Uncommitted, null, Cancellation).ToArrayAsync(Cancellation);
        Assert.Empty(blocks);
        Assert.Empty(await Account.Index.GetBlobsAsync(cancellationToken: Cancellation).ToArrayAsync(Cancellation));
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

    private HttpClient NewClient() => new(new SocketsHttpHandler { AllowAutoRedirect = false }) { BaseAddress = new(Address, "/api/") };

    private async Task EmptyAsync()
    {
        await Task.WhenAll(
            Task.WhenAll(StoragePaths.Containers.Select(name => Account.Blobs.GetBlobContainerClient(name).DeleteIfExistsAsync(cancellationToken: Cancellation))),
            Task.WhenAll(StoragePaths.Queues.Select(name => Account.Queues.GetQueueClient(name).DeleteIfExistsAsync(Cancellation))));
        await Account.EnsureCreatedAsync(Cancellation);
    }
}

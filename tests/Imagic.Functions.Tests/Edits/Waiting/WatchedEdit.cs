using Imagic.Contracts;
using Imagic.Contracts.Edits;
using Imagic.Contracts.Settings;
using Imagic.Functions.Edits.Waiting;
using Imagic.Storage;
using Imagic.Tests;
using Microsoft.Extensions.Hosting.Internal;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Imagic.Functions.Tests.Edits.Waiting;

/// <summary>An edit in storage, and a watch over it whose clock the test moves.</summary>
internal sealed class WatchedEdit
{
    private readonly StorageAccount _account;
    private readonly CrashProbe _probe = new(call: 0, isDone: false);

    private WatchedEdit(StorageOptions options, int maxWaits)
    {
        _account = new(options);
        Watch = new(new(new StorageAccount(options, _probe)), new() { MaxWaits = maxWaits }, Lifetime, Time);
    }

    public FakeTimeProvider Time { get; } = new();

    public ApplicationLifetime Lifetime { get; } = new(NullLogger<ApplicationLifetime>.Instance);

    public RecordWatch Watch { get; }

    public EditRecords Records => new(_account);

    /// <summary>The edit as it was created.</summary>
    public required Stored<EditRecord> First { get; init; }

    /// <summary>Reads of the watch so far.</summary>
    public int Reads => _probe.Calls;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public static async Task<WatchedEdit> CreateAsync(AzuriteFixture azurite, int maxWaits = 0)
    {
        var options = azurite.NewOptions();
        var account = new StorageAccount(options);
        await account.EnsureCreatedAsync(Cancellation);
        return new(options, maxWaits) { First = await CreateAsync(account, "cat-1") };
    }

    public Task<Stored<EditRecord>> CreateAsync(string id, DateTimeOffset? created = null) => CreateAsync(_account, id, created);

    public async Task<Stored<EditRecord>> ChangeAsync(string id = "cat-1", Func<EditRecord, EditRecord>? change = null) =>
        (await Records.UpdateAsync(EditId.Parse(id), record => change?.Invoke(record) ?? record with { Stage = EditStage.Sample }, Cancellation))!;

    public Task DeleteAsync() => Blob().DeleteAsync(cancellationToken: Cancellation);

    public Task SpoilAsync() => Blob().UploadAsync(BinaryData.FromString("hello"), overwrite: true, Cancellation);

    /// <summary>Moves the clock until a task has ended; says by how many seconds.</summary>
    public async Task<int> AdvanceUntilAsync(Func<bool> isReached)
    {
        var seconds = 0;
        for (; !isReached(); seconds++)
        {
            Time.Advance(TimeSpan.FromSeconds(1));
            await Task.Delay(5, Cancellation); // whom that woke needs a moment of the real clock
        }

        return seconds;
    }

    private static async Task<Stored<EditRecord>> CreateAsync(StorageAccount account, string id, DateTimeOffset? created = null) =>
        (await new EditRecords(account).CreateAsync(
            new()
            {
                EditId = EditId.Parse(id),
                Created = created ?? new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero),
                RequestHash = "hash",
                Model = "emoji-64",
                Settings = EditProfile.All["emoji-64"].For("a dog"),
                Source = new("photo.png", new('0', 64), 1000, "PNG", 64, 64),
            },
            Cancellation))!;

    private Azure.Storage.Blobs.BlobClient Blob() => _account.Edits.GetBlobClient(StoragePaths.Record(First.Value.EditId));
}

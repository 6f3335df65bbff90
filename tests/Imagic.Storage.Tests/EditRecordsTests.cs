using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Specialized;
using Imagic.Contracts;
using Imagic.Contracts.Edits;
using Imagic.Contracts.Settings;
using Imagic.TestKit;
using Imagic.Tests;

namespace Imagic.Storage.Tests;

public class EditRecordsTests(AzuriteFixture azurite)
{
    private static readonly EditId Cat = EditId.Parse("cat");

    private static readonly EditRecord Fresh = new()
    {
        EditId = Cat,
        Created = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero),
        RequestHash = "00",
        Model = "emoji-64",
        Settings = new EditOverrides().Resolve("a cat", "emoji-64"),
        Source = new("cat.jpg", "ff", 1, "JPEG", 8, 8),
    };

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Read_OfNoEdit_IsNull() => Assert.Null(await new EditRecords(await azurite.NewAccountAsync()).ReadAsync(Cat, Token));

    [Fact]
    public async Task Create_ThenRead_GivesTheRecordWithItsETag()
    {
        var records = new EditRecords(await azurite.NewAccountAsync());

        var created = await records.CreateAsync(Fresh, Token);
        var read = await records.ReadAsync(Cat, Token);

        Assert.NotNull(created);
        Assert.Equal((created.ETag, created.Value.Revision, 0), (read!.ETag, read.Value.Revision, read.Value.Sequence));
        Assert.NotEqual("", read.Value.Revision);
        Assert.InRange(read.Age, TimeSpan.Zero, TimeSpan.FromMinutes(1));
    }

    [Fact]
    public async Task Read_OfWhatIsKnown_GivesItBackUntilItChangesOrIsGone()
    {
        var account = await azurite.NewAccountAsync();
        var records = new EditRecords(account);
        var known = await records.CreateAsync(Fresh, Token);

        Assert.Same(known, await records.ReadAsync(Cat, known, Token));
        var changed = await records.ReplaceAsync(known!, known!.Value with { Attempts = 1 }, Token);
        Assert.Equal(changed!.ETag, (await records.ReadAsync(Cat, known, Token))!.ETag);
        await account.Edits.DeleteBlobAsync(StoragePaths.Record(Cat), cancellationToken: Token);
        Assert.Null(await records.ReadAsync(Cat, changed, Token));
    }

    [Fact]
    public async Task Create_OfAnEditThatIsThere_IsNullAndChangesNothing()
    {
        var records = new EditRecords(await azurite.NewAccountAsync());
        var created = await records.CreateAsync(Fresh, Token);

        Assert.Null(await records.CreateAsync(Fresh with { Model = "other" }, Token));

        Assert.Equal(created!.ETag, (await records.ReadAsync(Cat, Token))!.ETag);
    }

    [Fact]
    public async Task Update_OfARecordThatSomebodyHoldsALeaseOn_GivesUpAfterPauses()
    {
        var account = await azurite.NewAccountAsync();
        var time = new JumpingTime();
        var records = new EditRecords(account, time);
        await records.CreateAsync(Fresh, Token);
        await account.Edits.GetBlobClient("cat/edit.json").GetBlobLeaseClient().AcquireAsync(TimeSpan.FromSeconds(60), cancellationToken: Token);

        var exception = await Assert.ThrowsAsync<ContendedException>(() => records.UpdateAsync(Cat, record => record with { Epoch = 1 }, Token));

        Assert.Contains("cat/edit.json", exception.Message, StringComparison.Ordinal);
        Assert.InRange(time.Waits.Sum(wait => wait.TotalSeconds), 1, 10);
    }

    [Theory]
    [InlineData("")]
    [InlineData("{\"schema\":2}")]
    [InlineData("{\"schema\":1,\"editId\":\"cat\"}")]
    public async Task Read_OfARecordThatThisProgramCannotRead_NamesIt(string json)
    {
        var account = await azurite.NewAccountAsync();
        await account.Edits.GetBlobClient("cat/edit.json").UploadAsync(BinaryData.FromString(json), Token);

        var exception = await Assert.ThrowsAsync<UnreadableRecordException>(() => new EditRecords(account).ReadAsync(Cat, Token));

        Assert.Contains("edits/cat/edit.json", exception.Message, StringComparison.Ordinal);
    }

    // It would be written to where it says it belongs, which never is what was read: claims of it would go on for ever.
    [Fact]
    public async Task Read_OfARecordThatSaysItIsOfAnotherEdit_IsNoRecord()
    {
        var account = await azurite.NewAccountAsync();
        var records = new EditRecords(account);
        await records.CreateAsync(Fresh, Token);
        var copy = await account.Edits.GetBlobClient("cat/edit.json").DownloadContentAsync(Token);
        await account.Edits.GetBlobClient("dog/edit.json").UploadAsync(copy.Value.Content, Token);

        var exception = await Assert.ThrowsAsync<UnreadableRecordException>(() => records.ReadAsync(EditId.Parse("dog"), Token));

        Assert.Contains("of the edit 'cat'", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Replace_OfWhatWasRead_CountsTheWrite()
    {
        var records = new EditRecords(await azurite.NewAccountAsync());
        var first = await records.CreateAsync(Fresh, Token);

        var second = await records.ReplaceAsync(first!, first!.Value with { Epoch = 1, Sequence = 99 }, Token);
        var third = await records.ReplaceAsync(second!, second!.Value with { Epoch = 2 }, Token);

        Assert.Equal((1, 2), (second.Value.Sequence, third!.Value.Sequence));
        Assert.NotEqual(second.Value.Revision, third.Value.Revision);
        Assert.Equal(2, (await records.ReadAsync(Cat, Token))!.Value.Epoch);
    }

    [Fact]
    public async Task Replace_OfAnOlderState_IsNullAndChangesNothing()
    {
        var records = new EditRecords(await azurite.NewAccountAsync());
        var first = await records.CreateAsync(Fresh, Token);
        var second = await records.ReplaceAsync(first!, first!.Value with { Epoch = 1 }, Token);

        Assert.Null(await records.ReplaceAsync(first, first.Value with { Epoch = 7 }, Token));

        Assert.Equal(second!.ETag, (await records.ReadAsync(Cat, Token))!.ETag);
    }

    [Fact]
    public async Task Replace_OfADeletedRecord_IsNull()
    {
        var account = await azurite.NewAccountAsync();
        var records = new EditRecords(account);
        var first = await records.CreateAsync(Fresh, Token);
        await Blob(account).DeleteAsync(cancellationToken: Token);

        Assert.Null(await records.ReplaceAsync(first!, first!.Value with { Epoch = 1 }, Token));
        Assert.Null(await records.ReadAsync(Cat, Token));
    }

    [Fact]
    public async Task Update_WhileOthersUpdate_LosesNoWrite()
    {
        var records = new EditRecords(await azurite.NewAccountAsync());
        await records.CreateAsync(Fresh, Token);

        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ =>
            records.UpdateAsync(Cat, record => record with { Attempts = record.Attempts + 1 }, Token)));

        var read = await records.ReadAsync(Cat, Token);
        Assert.Equal((8, 8), (read!.Value.Attempts, read.Value.Sequence));
    }

    [Fact]
    public async Task Update_ThatWantsNoChange_WritesNothing()
    {
        var records = new EditRecords(await azurite.NewAccountAsync());
        var created = await records.CreateAsync(Fresh, Token);

        var same = await records.UpdateAsync(Cat, _ => null, Token);

        Assert.Equal(created!.ETag, same!.ETag);
    }

    [Fact]
    public async Task Update_OfNoEdit_IsNull() =>
        Assert.Null(await new EditRecords(await azurite.NewAccountAsync()).UpdateAsync(Cat, record => record, Token));

    public static TheoryData<string> Losses => ["reset", "500", "twice"];

    [Theory]
    [MemberData(nameof(Losses))]
    public async Task Create_WhoseAnswerIsLost_IsRecognisedAsDone(string loss)
    {
        var (records, probe) = await NewRecordsAsync();
        probe.Expect(Lost(loss));

        var created = await records.CreateAsync(Fresh, Token);
        var read = await records.ReadAsync(Cat, Token);

        Assert.NotNull(created);
        Assert.Equal((created.ETag, created.Value.Revision), (read!.ETag, read.Value.Revision));
    }

    [Theory]
    [MemberData(nameof(Losses))]
    public async Task Replace_WhoseAnswerIsLost_IsRecognisedAsDone(string loss)
    {
        var (records, probe) = await NewRecordsAsync();
        var first = await records.CreateAsync(Fresh, Token);
        probe.Expect(Lost(loss));

        var second = await records.ReplaceAsync(first!, first!.Value with { Epoch = 1 }, Token);
        var third = await records.ReplaceAsync(second!, second!.Value with { Epoch = 2 }, Token);

        Assert.Equal((1, 1), (second.Value.Epoch, second.Value.Sequence));
        Assert.Equal((2, 2), (third!.Value.Epoch, third.Value.Sequence));
    }

    [Fact]
    public async Task Replace_WhoseAnswerIsLostAndThatSomebodyElseWroteOver_IsNull()
    {
        var options = azurite.NewOptions();
        var account = new StorageAccount(options);
        await account.EnsureCreatedAsync(Token);
        var others = new EditRecords(account);
        var first = await others.CreateAsync(Fresh, Token);
        var records = new EditRecords(new(options, new AfterFirst(() =>
            others.UpdateAsync(Cat, record => record with { Attempts = 5 }, Token))));

        Assert.Null(await records.ReplaceAsync(first!, first!.Value with { Epoch = 1 }, Token));

        Assert.Equal((1, 5), (await others.ReadAsync(Cat, Token)) is { Value: var value } ? (value.Epoch, value.Attempts) : default);
    }

    [Fact]
    public async Task Update_WhoseAnswerIsLost_AppliesTheChangeOnce()
    {
        var (records, probe) = await NewRecordsAsync();
        await records.CreateAsync(Fresh, Token);
        probe.Expect(Fault.None, Fault.LoseAnswer(), Fault.LoseAnswer(500));

        var updated = await records.UpdateAsync(Cat, record => record with { Attempts = record.Attempts + 1 }, Token);

        Assert.Equal((1, 1), (updated!.Value.Attempts, updated.Value.Sequence));
    }

    private static Fault[] Lost(string loss) => loss switch
    {
        "reset" => [Fault.LoseAnswer()],
        "500" => [Fault.LoseAnswer(500)],
        _ => [Fault.LoseAnswer(), Fault.LoseAnswer(503)],
    };

    private static BlobClient Blob(StorageAccount account) => account.Edits.GetBlobClient(StoragePaths.Record(Cat));

    private async Task<(EditRecords Records, StorageProbe Probe)> NewRecordsAsync()
    {
        var options = azurite.NewOptions();
        await new StorageAccount(options).EnsureCreatedAsync(Token);
        var probe = new StorageProbe();
        return (new(new(options, probe)), probe);
    }
}

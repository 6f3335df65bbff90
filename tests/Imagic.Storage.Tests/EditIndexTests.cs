using Azure.Storage.Blobs.Models;
using Imagic.Contracts;
using Imagic.Contracts.Edits;
using Imagic.Contracts.Settings;
using Imagic.Tests;

namespace Imagic.Storage.Tests;

public class EditIndexTests(AzuriteFixture azurite)
{
    private static readonly EditRecord Fresh = new()
    {
        EditId = EditId.Parse("cat"),
        Created = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero),
        RequestHash = "00",
        Model = "emoji-64",
        Settings = new EditOverrides().Resolve("a  cat 😀 \"naïve\" \\", "emoji-64"),
        Source = new("cat.jpg", "ff", 1, "JPEG", 8, 8),
        Caller = "key-0123456789ab",
        Batch = new("Küche", "00ff", 3),
    };

    private static readonly EditRecord Failed = Fresh with { State = EditState.Failed, Ended = Fresh.Created.AddHours(1), Error = new("diverged", "x") };

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Write_OfAnEditUnderWay_GivesItBackAsItIs()
    {
        var index = new EditIndex(await azurite.NewAccountAsync());

        await index.WriteAsync(Fresh, Token);

        foreach (var folder in new[] { StoragePaths.AllEdits, StoragePaths.EditsUnderWay })
            Assert.Equal(EditSummary.Of(Fresh), Assert.Single((await index.ReadAsync(folder, null, 10, Token)).Entries).Summary);
    }

    [Fact]
    public async Task Write_OfItsEnd_MovesIt_AndNoLateStartTakesItBack()
    {
        var account = await azurite.NewAccountAsync();
        var index = new EditIndex(account);
        await index.WriteAsync(Fresh, Token);

        foreach (var record in new[] { Failed, Failed }) await index.WriteAsync(record, Token);

        Assert.Equal(["all/", "failed/"], await FoldersAsync(account));
        await index.WriteAsync(Fresh, Token);
        Assert.Equal(EditSummary.Of(Failed), Assert.Single((await index.ReadAsync(StoragePaths.AllEdits, null, 10, Token)).Entries).Summary);
    }

    [Fact]
    public async Task Reopen_OfAnEditThatHadEnded_PutsItUnderWay()
    {
        var account = await azurite.NewAccountAsync();
        var index = new EditIndex(account);
        await index.WriteAsync(Failed, Token);

        await index.ReopenAsync(Fresh, Token);

        Assert.Equal(["all/", "under-way/"], await FoldersAsync(account));
        Assert.Equal(EditState.Queued, Assert.Single((await index.ReadAsync(StoragePaths.AllEdits, null, 10, Token)).Entries).Summary!.State);
    }

    [Fact]
    public async Task Write_OfTheLongestTexts_FitsIntoTheHeaders()
    {
        var account = await azurite.NewAccountAsync();
        var index = new EditIndex(account);
        var longest = Fresh with
        {
            Model = new('m', 64),
            Settings = Fresh.Settings with { TargetText = string.Concat(Enumerable.Repeat("😀", 500)) },
            Batch = new(new('あ', BlobName.MaxLength), "0123456789abcdef", 100_000),
            Progress = new(EditStage.FineTune, int.MaxValue, int.MaxValue) { Loss = 0.1234567f, Preview = "previews/finetune-100000.png" },
        };

        await index.WriteAsync(longest, Token);

        var entry = Assert.Single((await index.ReadAsync(StoragePaths.AllEdits, null, 10, Token)).Entries);
        Assert.Equal(string.Concat(Enumerable.Repeat("😀", 99)) + "…", entry.Summary!.TargetText);
        var blob = await account.Index.GetBlobsAsync(BlobTraits.Metadata, BlobStates.None, null, Token).FirstAsync(Token);
        Assert.InRange(blob.Metadata.Sum(pair => pair.Key.Length + pair.Value.Length), 1, 8 * 1024);
    }

    [Fact]
    public async Task Read_OfADamagedEntry_StillTellsTheEdit()
    {
        var account = await azurite.NewAccountAsync();
        var name = StoragePaths.IndexEntry(StoragePaths.AllEdits, Fresh.Created, Fresh.EditId);
        await account.Index.GetBlobClient(name).UploadAsync(
            BinaryData.Empty, new BlobUploadOptions { Metadata = new Dictionary<string, string> { ["summary"] = "bm8ganNvbg" } }, Token);

        var entry = Assert.Single((await new EditIndex(account).ReadAsync(StoragePaths.AllEdits, null, 10, Token)).Entries);

        Assert.Equal((Fresh.EditId, null), (entry.EditId, entry.Summary));
    }

    private static async Task<string[]> FoldersAsync(StorageAccount account) => [.. await account.Index
        .GetBlobsByHierarchyAsync(new GetBlobsByHierarchyOptions { Delimiter = "/" }, Token).Select(item => item.Prefix).ToArrayAsync(Token)];
}

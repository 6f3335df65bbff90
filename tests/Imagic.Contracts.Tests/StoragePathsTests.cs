using Imagic.Contracts.Edits;
using Imagic.Contracts.Settings;

namespace Imagic.Contracts.Tests;

public class StoragePathsTests
{
    private static readonly EditId Cat = EditId.Parse("cat");

    [Fact]
    public void Queues_HoldEachStageTheEventsAndTheWebhooksWithTheirPoison() => Assert.Equal(
        [
            "stage-optimize", "stage-optimize-poison", "stage-finetune", "stage-finetune-poison",
            "stage-finetune-sr", "stage-finetune-sr-poison", "stage-sample", "stage-sample-poison", "storage-events", "storage-events-poison",
            "webhooks", "webhooks-poison",
        ],
        StoragePaths.Queues);

    [Fact]
    public void Containers_AreThoseOfTheInfrastructure() => Assert.Equal(["uploads", "tickets", "edits", "tunings", "index", "batches", "models"], StoragePaths.Containers);

    [Fact]
    public void Names_OfAnEdit_LieInItsFolder()
    {
        Assert.Equal("cat/edit.json", StoragePaths.Record(Cat));
        Assert.Equal("cat/source", StoragePaths.Source(Cat));
        Assert.Equal("results/0007", StoragePaths.ResultsFolder(7));
        Assert.Equal("results/12345", StoragePaths.ResultsFolder(12345));
    }

    [Fact]
    public void Previews_OfEveryStage_AreKnownByTheirNames() => Assert.All(Enum.GetValues<EditStage>(), stage =>
        Assert.All(new[] { 1, 40, 123_456 }, step => Assert.True(StoragePaths.IsPreview(StoragePaths.Preview(stage, step)))));

    [Theory]
    [InlineData("previews/finetune.png")]
    [InlineData("previews/-00002.png")]
    [InlineData("previews/../finetune-00002.png")]
    [InlineData("previews/finetune-00002.png\n")]
    [InlineData("other/finetune-00002.png")]
    public void IsPreview_OfAnotherName_IsNot(string name) => Assert.False(StoragePaths.IsPreview(name));

    [Fact]
    public void IndexEntries_SortTheNewestFirstAndTellTheirEdit()
    {
        DateTimeOffset[] times = [DateTimeOffset.UnixEpoch, new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero), new(2026, 3, 1, 12, 0, 0, 1, TimeSpan.Zero), DateTimeOffset.MaxValue];
        var id = EditId.Parse("my-dog-2");

        var names = times.Reverse().Select(time => StoragePaths.IndexEntry(StoragePaths.EditsUnderWay, time, id)).ToArray();

        Assert.Equal(names.Order(StringComparer.Ordinal), names);
        Assert.All(names, name => Assert.True(StoragePaths.TryParseIndexEntry(name, out var read) && read == id));
        Assert.False(StoragePaths.TryParseIndexEntry("under-way/x", out _));
    }

    [Fact]
    public void Names_OfABatch_LieInItsFolder()
    {
        Assert.Equal("catalogue/report.json", StoragePaths.BatchReport("catalogue"));
        Assert.Equal("catalogue/summary.json", StoragePaths.BatchSummary("catalogue"));
        Assert.Equal("catalogue/contact-sheet.png", StoragePaths.BatchContactSheet("catalogue"));
    }

    [Fact]
    public void BatchEnded_LiesInTheFolderOfItsRunAndSortsByLine()
    {
        var mark = StoragePaths.BatchEnded(new("catalogue", "00ff", 12));

        Assert.Equal("catalogue/ended/00ff/000012", mark);
        Assert.StartsWith(StoragePaths.BatchEndedFolder("catalogue", "00ff"), mark, StringComparison.Ordinal);
    }

    [Fact]
    public void StageQueue_OfEveryStage_HasAName() =>
        Assert.All(Enum.GetValues<EditStage>(), stage => Assert.Contains(StoragePaths.StageQueue(stage), StoragePaths.Queues));
}

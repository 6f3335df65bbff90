using Imagic.Contracts;
using Imagic.Contracts.Edits;
using Imagic.Contracts.Results;
using Imagic.Contracts.Settings;
using Imagic.Tests;

namespace Imagic.Worker.Tests;

public class WorkerLoopTests(AzuriteFixture azurite)
{
    [Fact]
    public async Task Run_OfAWholeEdit_LeavesResultsAndNothingElse()
    {
        var job = await TinyJob.StartAsync(await azurite.NewAccountAsync());

        var record = await job.RunAsync();

        Assert.Equal(EditState.Succeeded, record.State);
        Assert.Null(record.Error);
        Assert.Null(record.Claim);
        Assert.Equal(3, record.Epoch);
        Assert.All(record.Stages, stage => Assert.True(stage.Done));
        Assert.Equal(TinyJob.Plan.Select(stage => stage.Steps), record.Stages.Select(stage => stage.Step));
        var blobs = await job.BlobsAsync();
        Assert.Contains($"{record.Results}/{ResultManifest.FileName}", blobs);
        Assert.Contains($"{record.Results}/{ResultManifest.ReportFile}", blobs);
        Assert.Contains("previews/finetune-00002.png", blobs);
        string[] known = ["edit.json", "source", "previews/", $"{record.Results}/", .. record.Stages.Select(stage => $"{stage.Checkpoint}/")];
        Assert.All(blobs, blob => Assert.Contains(known, prefix => blob.StartsWith(prefix, StringComparison.Ordinal)));
        foreach (var queue in StoragePaths.Queues) Assert.Equal(0, await job.MessagesAsync(queue));
    }
}

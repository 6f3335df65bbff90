using Imagic.Contracts;
using Imagic.Contracts.Edits;
using Imagic.Contracts.Results;
using Imagic.Contracts.Settings;
using Imagic.TestKit;
using Imagic.Tests;

namespace Imagic.Worker.Tests;

public class WorkerLoopTests(AzuriteFixture azurite)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Run_OfAWholeEdit_LeavesResultsAndNothingElse()
    {
        var edit = await StartAsync();

        var record = await edit.RunAsync(Token);

        Assert.Equal((EditState.Succeeded, null), (record.State, record.Error));
        Assert.Equal((3, null, 0), (record.Epoch, record.Claim, record.Attempts));
        Assert.All(record.Stages, stage => Assert.True(stage.Done));
        Assert.Equal(MicroEdit.Plan.Select(stage => stage.Steps), record.Stages.Select(stage => stage.Step));
        var blobs = (await edit.BlobsAsync(Token)).Keys;
        Assert.Contains($"{record.Results}/{ResultManifest.FileName}", blobs);
        Assert.Contains($"{record.Results}/{ResultManifest.ReportFile}", blobs);
        Assert.Contains("previews/finetune-00002.png", blobs);
        Assert.Empty(await edit.LeftoversAsync(record, Token));
    }

    [Fact]
    public async Task Run_OfAnEditWithACascade_HasFourStagesAndTheSmallPictures()
    {
        var edit = await MicroEdit.StartAsync(
            await azurite.NewAccountAsync(), new TestLogger(), Token, settings: MicroEdit.CascadeSettings, model: MicroEdit.Cascade);

        var record = await edit.RunAsync(Token);

        Assert.Equal((EditState.Succeeded, null), (record.State, record.Error));
        Assert.Equal(
            [(EditStage.Optimize, 4), (EditStage.FineTune, 3), (EditStage.FineTuneSuperResolution, 3), (EditStage.Sample, 10)],
            record.Stages.Select(stage => (stage.Stage, stage.Step)));
        var blobs = (await edit.BlobsAsync(Token)).Keys;
        Assert.Contains($"{record.Results}/pictures/seed5-eta0.80-blend1.00-small.png", blobs);
        Assert.Contains("previews/finetune-sr-00002.png", blobs);
        Assert.Empty(await edit.LeftoversAsync(record, Token));
    }

    private async Task<MicroEdit> StartAsync(EditSettings? settings = null) =>
        await MicroEdit.StartAsync(await azurite.NewAccountAsync(), new TestLogger(), Token, settings: settings);
}

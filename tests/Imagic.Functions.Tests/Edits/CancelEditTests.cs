using Imagic.Contracts;
using Imagic.Contracts.Edits;
using Imagic.Contracts.Settings;
using Imagic.Tests;

namespace Imagic.Functions.Tests.Edits;

public class CancelEditTests(AzuriteFixture azurite)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Post_OfAnEditThatWaits_EndsItAtOnce()
    {
        await using var app = await FunctionApp.StartAsync(azurite);
        await app.CreateRecordAsync("cat-1", record => record with { Stage = EditStage.FineTune });

        var response = await app.Client.PostAsync("edits/cat-1/cancel", null, Cancellation);

        Assert.Equal(200, (int)response.StatusCode);
        var view = await FunctionApp.ViewAsync(response);
        Assert.Equal((EditState.Cancelled, true), (view.State, view.CancelRequested));
        Assert.NotNull(view.Ended);
        Assert.Equal(EditState.Cancelled, (await app.RecordAsync("cat-1")).State);
        Assert.Empty((await app.Index.ReadAsync(StoragePaths.EditsUnderWay, null, 10, Cancellation)).Entries);
        Assert.Single((await app.Index.ReadAsync("cancelled", null, 10, Cancellation)).Entries);
    }

    [Theory]
    [InlineData(EditState.Running)]
    [InlineData(EditState.Queued)] // a worker has claimed it, and has not said more yet
    public async Task Post_OfAnEditThatAWorkerHas_AsksTheWorker(EditState state)
    {
        await using var app = await FunctionApp.StartAsync(azurite);
        await app.CreateRecordAsync("cat-1", record => record with { State = state, Claim = new("worker", "message", record.Created) });

        var response = await app.Client.PostAsync("edits/cat-1/cancel", null, Cancellation);
        var asked = await app.RecordAsync("cat-1");
        await app.Client.PostAsync("edits/cat-1/cancel", null, Cancellation);

        Assert.Equal(202, (int)response.StatusCode);
        Assert.Equal((state, true, null), (asked.State, asked.CancelRequested, asked.Ended));
        Assert.Equal(asked.Revision, (await app.RecordAsync("cat-1")).Revision);
    }

    [Theory]
    [InlineData(EditState.Succeeded)]
    [InlineData(EditState.Failed)]
    [InlineData(EditState.Cancelled)]
    public async Task Post_OfAnEditThatHasEnded_ChangesNothing(EditState state)
    {
        await using var app = await FunctionApp.StartAsync(azurite);
        var before = await app.CreateRecordAsync("cat-1", record => record with { State = state });

        var response = await app.Client.PostAsync("edits/cat-1/cancel", null, Cancellation);

        Assert.Equal(200, (int)response.StatusCode);
        Assert.Equal((state, false), (await FunctionApp.ViewAsync(response) is var view ? (view.State, view.CancelRequested) : default));
        Assert.Equal(before.Revision, (await app.RecordAsync("cat-1")).Revision);
    }

    [Fact]
    public async Task Post_OfNoEdit_IsNotFound()
    {
        await using var app = await FunctionApp.StartAsync(azurite);

        await FunctionApp.AssertProblemAsync(await app.Client.PostAsync("edits/cat-1/cancel", null, Cancellation), 404, "edit-not-found");
    }

    [Fact]
    public async Task Post_WhileTheRecordChanges_IsNotLost()
    {
        await using var app = await FunctionApp.StartAsync(azurite);
        await app.CreateRecordAsync("cat-1", record => record with { State = EditState.Running, Claim = new("worker", "message", record.Created) });

        var work = Task.WhenAll(Enumerable.Range(0, 10).Select(i =>
            app.Records.UpdateAsync(EditId.Parse("cat-1"), record => record with { Epoch = record.Epoch + 1 }, Cancellation)));
        await app.Client.PostAsync("edits/cat-1/cancel", null, Cancellation);
        await work;

        var record = await app.RecordAsync("cat-1");
        Assert.Equal((true, 10, 11L), (record.CancelRequested, record.Epoch, record.Sequence));
    }
}

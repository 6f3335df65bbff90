using System.Net.Http.Json;
using Imagic.Contracts;
using Imagic.Contracts.Edits;
using Imagic.Contracts.Settings;
using Imagic.Tests;

namespace Imagic.Functions.Tests.Edits;

public class ListEditsTests(AzuriteFixture azurite)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Get_PageByPage_GivesEveryEditOnceTheNewestFirst()
    {
        await using var app = await FunctionApp.StartAsync(azurite);
        foreach (var i in new[] { 3, 0, 6, 1, 5, 2, 4 }) await app.CreateRecordAsync($"edit-{i}", record => record with { Created = record.Created.AddSeconds(-i) });

        var found = new List<string>();
        var sizes = new List<int>();
        for (var continuation = ""; continuation is not null;)
        {
            var page = await GetAsync(app, $"edits?limit=3{continuation}");
            sizes.Add(page.Edits.Length);
            found.AddRange(page.Edits.Select(edit => edit.EditId.Value));
            continuation = page.Continuation is { } next ? $"&continuation={Uri.EscapeDataString(next)}" : null;
        }

        Assert.Equal(Enumerable.Range(0, 7).Select(i => $"edit-{i}"), found);
        Assert.Equal([3, 3, 1], sizes);
    }

    [Fact]
    public async Task Get_OfAState_GivesOnlyItsEdits()
    {
        await using var app = await FunctionApp.StartAsync(azurite);
        foreach (var i in Enumerable.Range(0, 10))
        {
            await app.CreateRecordAsync($"edit-{i}", record => record with
            {
                State = (EditState)(i % 5), Created = record.Created.AddSeconds(-i), Error = i % 5 == (int)EditState.Failed ? new("diverged", "x") : null,
            });
        }

        var failed = await GetAsync(app, "edits?state=failed&limit=2");
        var running = await GetAsync(app, "edits?state=running");

        Assert.Equal([("edit-3", "diverged"), ("edit-8", "diverged")], failed.Edits.Select(edit => (edit.EditId.Value, edit.Error)));
        Assert.Equal(["edit-1", "edit-6"], running.Edits.Select(edit => edit.EditId.Value));
        Assert.Null(running.Continuation);
    }

    [Fact]
    public async Task Get_OfAnEditWhoseEndTheIndexHasNotHeardOf_GivesItAsItIsAndMendsTheIndex()
    {
        await using var app = await FunctionApp.StartAsync(azurite);
        await app.CreateRecordAsync("edit-1");
        await app.Records.UpdateAsync(EditId.Parse("edit-1"), record => record with { State = EditState.Succeeded, Ended = record.Created }, Cancellation);

        var all = await GetAsync(app, "edits");

        Assert.Equal(EditState.Succeeded, Assert.Single(all.Edits).State);
        Assert.Single((await GetAsync(app, "edits?state=succeeded")).Edits);
        Assert.Empty((await app.Index.ReadAsync(StoragePaths.EditsUnderWay, null, 10, Cancellation)).Entries);
    }

    [Fact]
    public async Task Get_OfAnEditUnderWay_TellsItsStageAndSteps()
    {
        await using var app = await FunctionApp.StartAsync(azurite);
        await app.CreateRecordAsync("edit-1");
        await app.Records.UpdateAsync(
            EditId.Parse("edit-1"), record => record with { State = EditState.Running, Stage = EditStage.FineTune, Progress = new(EditStage.FineTune, 3, 60) }, Cancellation);

        var edit = Assert.Single((await GetAsync(app, "edits")).Edits);

        Assert.Equal((EditState.Running, EditStage.FineTune, 3), (edit.State, edit.Stage, edit.Progress?.Step));
    }

    [Fact]
    public async Task Get_WithAStartOnTheWay_LeavesItOut()
    {
        await using var app = await FunctionApp.StartAsync(azurite);
        var record = await app.CreateRecordAsync("edit-1");
        await app.Account.Edits.GetBlobClient("edit-2/source").UploadAsync(BinaryData.FromBytes(Pictures.Cat), Cancellation);
        await app.Index.WriteAsync(record with { EditId = EditId.Parse("edit-3") }, Cancellation);
        await app.Account.Index.GetBlobClient("all/NO ID").UploadAsync(BinaryData.FromBytes(Pictures.Cat), Cancellation);

        Assert.Equal("edit-1", Assert.Single((await GetAsync(app, "edits")).Edits).EditId.Value);
    }

    [Theory]
    [InlineData("")]
    [InlineData("{\"schema\":7}")]
    [InlineData("{\"schema\":1,\"editId\":\"edit-2\"}")]
    public async Task Get_WithARecordThatCannotBeRead_NamesItAndGivesTheOthers(string json)
    {
        await using var app = await FunctionApp.StartAsync(azurite);
        foreach (var i in new[] { 1, 2, 3 }) await app.CreateRecordAsync($"edit-{i}");
        await app.Account.Edits.GetBlobClient("edit-2/edit.json").UploadAsync(BinaryData.FromString(json), overwrite: true, Cancellation);

        var list = await GetAsync(app, "edits");

        Assert.Equal(["edit-1", "edit-3"], list.Edits.Select(edit => edit.EditId.Value));
        Assert.Equal("edit-2", Assert.Single(list.Unreadable!).Value);
        var problem = await FunctionApp.AssertProblemAsync(await app.GetAsync("edits/edit-2"), 500, "edit-unreadable");
        Assert.Contains("edits/edit-2/edit.json", (string?)problem["detail"], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("%00")]
    [InlineData("%0A")]
    [InlineData("a%20b")]
    [InlineData("%F0%9F%90%88")]
    [InlineData("")]
    [InlineData("1200")] // characters
    public async Task Get_WithAContinuationThatNobodyGave_IsRefused(string continuation)
    {
        await using var app = await FunctionApp.StartAsync(azurite);
        if (continuation == "1200") continuation = new('x', 1200);

        var problem = await FunctionApp.AssertProblemAsync(await app.GetAsync($"edits?continuation={continuation}"), 400, "invalid-continuation");

        Assert.Equal("continuation", (string?)problem["member"]);
    }

    [Fact]
    public async Task Get_WithAnythingElseForAContinuation_IsNoFailure()
    {
        await using var app = await FunctionApp.StartAsync(azurite);
        await app.CreateRecordAsync("edit-1");
        foreach (var c in Enumerable.Range(0, 256).Select(i => $"%{i:X2}"))
        {
            using var answer = await app.GetAsync($"edits?continuation=all/{c}");
            Assert.Contains((int)answer.StatusCode, new[] { 200, 400 });
        }
    }

    [Theory]
    [InlineData("limit=0", "invalid-limit", "limit")]
    [InlineData("limit=101", "invalid-limit", "limit")]
    [InlineData("limit=-1", "invalid-limit", "limit")]
    [InlineData("limit=ten", "invalid-limit", "limit")]
    [InlineData("state=done", "invalid-state", "state")]
    [InlineData("state=1", "invalid-state", "state")]
    public async Task Get_WithAWrongQuestion_NamesIt(string query, string code, string member)
    {
        await using var app = await FunctionApp.StartAsync(azurite);

        var problem = await FunctionApp.AssertProblemAsync(await app.GetAsync($"edits?{query}"), 400, code);

        Assert.Equal(member, (string?)problem["member"]);
    }

    private static async Task<EditList> GetAsync(FunctionApp app, string path) =>
        (await app.Client.GetFromJsonAsync(path, ContractsJsonContext.Default.EditList, Cancellation))!;
}

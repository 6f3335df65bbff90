using System.Net.Http.Json;
using Imagic.Contracts;
using Imagic.Contracts.Edits;
using Imagic.Tests;

namespace Imagic.Functions.Tests.Edits;

public class ListEditsTests(AzuriteFixture azurite)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Get_PageByPage_GivesEveryEditOnceInOrder()
    {
        await using var app = await FunctionApp.StartAsync(azurite);
        var ids = Enumerable.Range(0, 7).Select(i => $"edit-{i}").ToArray();
        foreach (var id in ids.Reverse()) await app.CreateRecordAsync(id);

        var found = new List<string>();
        var sizes = new List<int>();
        for (var continuation = ""; continuation is not null;)
        {
            var page = await GetAsync(app, $"edits?limit=3{continuation}");
            sizes.Add(page.Edits.Length);
            found.AddRange(page.Edits.Select(edit => edit.EditId.Value));
            continuation = page.Continuation is { } next ? $"&continuation={Uri.EscapeDataString(next)}" : null;
        }

        Assert.Equal(ids, found);
        Assert.Equal([3, 3, 1], sizes);
    }

    [Fact]
    public async Task Get_OfAState_GivesOnlyItsEdits()
    {
        await using var app = await FunctionApp.StartAsync(azurite);
        foreach (var i in Enumerable.Range(0, 9))
            await app.CreateRecordAsync($"edit-{i}", record => record with { State = i % 4 == 3 ? EditState.Failed : EditState.Succeeded });

        var failed = await GetAsync(app, "edits?state=failed&limit=2");
        var running = await GetAsync(app, "edits?state=running");

        Assert.Equal(["edit-3", "edit-7"], failed.Edits.Select(edit => edit.EditId.Value));
        Assert.Empty(running.Edits);
        Assert.Null(running.Continuation);
    }

    [Fact]
    public async Task Get_WithAStartOnTheWay_LeavesItOut()
    {
        await using var app = await FunctionApp.StartAsync(azurite);
        await app.CreateRecordAsync("edit-1");
        await app.Account.Edits.GetBlobClient("edit-2/source").UploadAsync(BinaryData.FromBytes(Pictures.Cat), Cancellation);
        await app.Account.Edits.GetBlobClient("NO ID/source").UploadAsync(BinaryData.FromBytes(Pictures.Cat), Cancellation);

        Assert.Equal("edit-1", Assert.Single((await GetAsync(app, "edits")).Edits).EditId.Value);
    }

    [Theory]
    [InlineData("")]
    [InlineData("{\"schema\":7}")]
    [InlineData("{\"schema\":1,\"editId\":\"edit-2\"}")]
    public async Task Get_WithARecordThatCannotBeRead_NamesItAndGivesTheOthers(string json)
    {
        await using var app = await FunctionApp.StartAsync(azurite);
        await app.CreateRecordAsync("edit-1");
        await app.CreateRecordAsync("edit-3");
        await app.Account.Edits.GetBlobClient("edit-2/edit.json").UploadAsync(BinaryData.FromString(json), Cancellation);

        var list = await GetAsync(app, "edits");

        Assert.Equal(["edit-1", "edit-3"], list.Edits.Select(edit => edit.EditId.Value));
        Assert.Equal("edit-2", Assert.Single(list.Unreadable!).Value);
        var problem = await FunctionApp.AssertProblemAsync(await app.GetAsync("edits/edit-2"), 500, "edit-unreadable");
        Assert.Contains("edits/edit-2/edit.json", (string?)problem["detail"], StringComparison.Ordinal);
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

using System.Net;
using Imagic.Contracts.Settings;
using Imagic.Functions.Tests;
using Imagic.Tests;

namespace Imagic.Client.Tests;

public class ImagicClientEditsTests(AzuriteFixture azurite)
{
    private static readonly EditId Id = EditId.Parse("some-edit");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Start_WithThePicture_StartsWhatWasAskedForOnce()
    {
        await using var app = await FunctionApp.StartAsync(azurite);
        using var client = app.NewClient();
        var request = new EditRequest
        {
            TargetText = "a smiling cat – \"très\" content", Model = "emoji-64", Size = new(64, 72), Settings = new() { Seeds = [3, 4], FineTune = new() { Steps = 7 } },
        };

        var first = await client.StartAsync(request, new MemoryStream(Pictures.Cat), "Katze süß.png", Id, Token);
        var again = await client.StartAsync(request, new MemoryStream(Pictures.Cat), "Katze süß.png", Id, Token);

        var record = await app.RecordAsync("some-edit");
        Assert.Equal((request.TargetText, 7, "Katze süß.png"), (record.Settings.TargetText, record.Settings.FineTune.Steps, record.Source.Name));
        Assert.Equal((new WorkingSize(64, 72), Pictures.Sha256(Pictures.Cat)), (record.Size, record.Source.Sha256));
        Assert.Equal([3L, 4], record.Settings.Sample.Seeds);
        Assert.Equal((first.View.Sequence, first.ETag), (again.View.Sequence, again.ETag));
        Assert.Single(await app.MessagesAsync());
    }

    [Fact]
    public async Task Start_OfAnUpload_EditsIt()
    {
        await using var app = await FunctionApp.StartAsync(azurite);
        using var client = app.NewClient();

        var source = await client.UploadAsync(new MemoryStream(Pictures.Heart), "heart.png", Token);
        var started = await client.StartAsync(new() { Source = source, TargetText = "a broken heart" }, cancellationToken: Token);

        Assert.Equal(Pictures.Sha256(Pictures.Heart), started.View.Source.Sha256);
        Assert.Equal(EditState.Queued, started.View.State);
    }

    [Fact]
    public async Task Start_ThatIsRefused_TellsCodeAndMember()
    {
        await using var app = await FunctionApp.StartAsync(azurite);
        using var client = app.NewClient();

        var text = await Assert.ThrowsAsync<ImagicApiException>(() => client.StartAsync(new(), new MemoryStream(Pictures.Cat), "cat.png", Id, Token));
        var picture = await Assert.ThrowsAsync<ImagicApiException>(() => client.StartAsync(new() { TargetText = "a dog" }, new MemoryStream([1, 2, 3]), "cat.png", Id, Token));

        Assert.Equal((HttpStatusCode.BadRequest, "target text", FaultKind.BadInput), (text.Status!.Value, text.Member, text.Kind));
        Assert.Equal(HttpStatusCode.UnsupportedMediaType, picture.Status);
        Assert.NotEqual(text.Code, picture.Code);
        await app.AssertNothingWrittenAsync();
    }

    [Fact]
    public async Task Start_UnderTheIdOfAnother_IsAConflict()
    {
        await using var app = await FunctionApp.StartAsync(azurite);
        using var client = app.NewClient();
        await client.StartAsync(new() { TargetText = "a dog" }, new MemoryStream(Pictures.Cat), "cat.png", Id, Token);

        var exception = await Assert.ThrowsAsync<ImagicApiException>(() => client.StartAsync(new() { TargetText = "a cow" }, new MemoryStream(Pictures.Cat), "cat.png", Id, Token));

        Assert.Equal((HttpStatusCode.Conflict, "edit-exists"), (exception.Status!.Value, exception.Code));
    }

    [Fact]
    public async Task Get_OfNoEdit_IsNotFoundAndFindIsNull()
    {
        await using var app = await FunctionApp.StartAsync(azurite);
        using var client = app.NewClient();

        Assert.Equal("edit-not-found", (await Assert.ThrowsAsync<ImagicApiException>(() => client.GetAsync(Id, Token))).Code);
        Assert.Null(await client.FindAsync(Id, Token));
    }

    [Fact]
    public async Task List_GivesPageAfterPage()
    {
        await using var app = await FunctionApp.StartAsync(azurite);
        using var client = app.NewClient();
        for (var i = 1; i <= 3; i++) await app.CreateRecordAsync($"edit-{i}", record => record with { Created = record.Created.AddMinutes(i) });
        var listed = new List<string>();
        string? continuation = null;
        do
        {
            var page = await client.ListAsync(2, continuation, cancellationToken: Token);
            listed.AddRange(page.Edits.Select(edit => edit.EditId.Value));
            continuation = page.Continuation;
        }
        while (continuation is not null);

        Assert.Equal(["edit-3", "edit-2", "edit-1"], listed);
        Assert.Empty((await client.ListAsync(state: EditState.Failed, cancellationToken: Token)).Edits);
    }

    [Fact]
    public async Task Delete_OfAnEdit_TellsWhetherAWorkerHasIt()
    {
        await using var app = await FunctionApp.StartAsync(azurite);
        using var client = app.NewClient();
        await app.CreateRecordAsync("some-edit", record => record with { State = EditState.Running, Claim = new("worker", "message", record.Created) });

        Assert.True((await client.DeleteAsync(Id, Token))!.View.DeleteRequested);
        await app.ChangeAsync("some-edit", record => record with { State = EditState.Queued, Claim = null });
        Assert.Null(await client.DeleteAsync(Id, Token));
        Assert.Null(await client.DeleteAsync(Id, Token));

        Assert.Null(await client.FindAsync(Id, Token));
    }

    [Fact]
    public async Task Cancel_OfAWaitingEdit_EndsIt()
    {
        await using var app = await FunctionApp.StartAsync(azurite);
        using var client = app.NewClient();
        await app.CreateRecordAsync("some-edit");

        Assert.Equal(EditState.Cancelled, (await client.CancelAsync(Id, Token)).View.State);
        Assert.Equal(EditState.Cancelled, (await client.CancelAsync(Id, Token)).View.State);
    }

    [Fact]
    public async Task Health_OfAServiceThatIsWell_TellsItsVersion()
    {
        await using var app = await FunctionApp.StartAsync(azurite);
        using var client = app.NewClient();

        var health = await client.GetHealthAsync(Token);

        Assert.Equal("ok", health.Status);
        Assert.Matches(@"\A[0-9]+\.[0-9]+\.[0-9]+\z", health.Version);
        Assert.True(await client.IsThereAsync(Token));
        Assert.True((await client.GetModelsAsync(Token)).Models[0].IsDefault);
    }
}

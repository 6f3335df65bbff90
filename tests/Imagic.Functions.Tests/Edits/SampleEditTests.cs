using System.Net;
using System.Net.Http.Json;
using Imagic.Contracts;
using Imagic.Contracts.Edits;
using Imagic.Contracts.Settings;
using Imagic.Functions.Edits;
using Imagic.Storage;
using Imagic.TestKit;
using Imagic.Tests;

namespace Imagic.Functions.Tests.Edits;

public class SampleEditTests(AzuriteFixture azurite)
{
    private static readonly SampleRequest OtherEta = new() { Settings = new() { Etas = [0.4] } };

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(MicroEdit.Model)]
    [InlineData(MicroEdit.Cascade)]
    public async Task Post_OfOtherStrengths_SamplesTheTuningThatIsThere(string model)
    {
        await using var app = await FunctionApp.StartAsync(azurite);
        var settings = MicroEdit.SettingsOf(model);
        var expected = await TunedAsync(app.Account, "whole", model, settings with { Sample = settings.Sample with { Etas = [0.4] }, Suggested = new(0.4, 1) });
        var first = await TunedAsync(app.Account, "first", model, settings);

        var response = await SampleAsync(app, "first", """{"settings":{"etas":[0.4]}}""");

        var view = await FunctionApp.ViewAsync(response);
        Assert.Equal((HttpStatusCode.Accepted, $"/api/edits/{view.EditId}"), (response.StatusCode, response.Headers.Location?.OriginalString));
        Assert.Equal((EditId.Parse("first"), EditStage.Sample, true), (view.From, view.Stage, view.TuningBytes > 0));
        Assert.True(view.Cost!.Used < 100 && view.Stages.All(stage => stage is { Done: true, Seconds: 0 }));
        var second = await new MicroEdit(app.Account, view.EditId, new TestLogger()).RunAsync(Cancellation);
        Assert.Equal((EditState.Succeeded, expected.ResultSha256), (second.State, second.ResultSha256));
        Assert.Equal(first.Tuning().Select(status => status.Checkpoint), second.Tuning().Select(status => status.Checkpoint));
        // Kept once: the same content for all three edits.
        var contents = await app.Account.Tunings.GetBlobsAsync(cancellationToken: Cancellation).CountAsync(blob => blob.Name.EndsWith("/content", StringComparison.Ordinal), Cancellation);
        Assert.Equal(settings.Stages().Length - 1, contents);
        await AssertNothingLeftAsync(app.Account, second);
    }

    [Theory]
    [InlineData("sdedit")]
    [InlineData("ddib")]
    public async Task Post_OfAnEditThatTunedNothing_SamplesItsMethodAgain(string method)
    {
        await using var app = await FunctionApp.StartAsync(azurite, $"ImagicModels={MicroEdit.Model}");
        await app.UploadAsync("cat.png", Pictures.Cat);

        var started = await app.PutAsync("quick", Edit("a dog", "[0.5]"));

        Assert.Equal(EditStage.Sample, Assert.Single(await app.MessagesAsync(EditStage.Sample)).Stage);
        var first = await RunAsync(app, started);
        Assert.Equal((EditState.Succeeded, EditStage.Sample), (first.State, Assert.Single(first.Stages).Stage));
        var second = await RunAsync(app, await SampleAsync(app, "quick", """{"targetText":"a fish","settings":{"etas":[0.5,0.9]}}"""));
        var whole = await RunAsync(app, await app.PutAsync("whole", Edit("a fish", "[0.5,0.9]")));
        Assert.Equal((first.EditId, whole.ResultSha256), (second.From, second.ResultSha256));
        // No tuning is shared, and the list of those that share it is its own.
        var list = await app.Client.GetFromJsonAsync("edits/quick/samples", ContractsJsonContext.Default.EditList, Cancellation);
        Assert.Equal([first.EditId], list!.Edits.Select(edit => edit.EditId));
        Assert.Null((await FunctionApp.ViewAsync(await app.Client.GetAsync("edits/quick", Cancellation))).TuningBytes);
        var refused = await SampleAsync(app, "quick", """{"settings":{"method":"imagic"}}""");
        Assert.Equal(HttpStatusCode.BadRequest, refused.StatusCode);
        Assert.Contains("The method belongs to the tuning", await refused.Content.ReadAsStringAsync(Cancellation), StringComparison.Ordinal);

        string Edit(string text, string etas) => $$"""
            {"source":"cat.png","targetText":"{{text}}","size":{"width":32,"height":32},"settings":{"method":"{{method}}","steps":3,"seeds":[4],"etas":{{etas}} } }
            """;
    }

    [Fact]
    public async Task Post_OfAnotherSentenceAndThenOfTheFirst_KeepsTheTextOfTheTuning()
    {
        await using var app = await FunctionApp.StartAsync(azurite);
        var first = await TunedAsync(app.Account, "first");

        var other = await RunAsync(app, await SampleAsync(app, "first", """{"targetText":"a photo of a fish","settings":{"negativeText":"blur"}}"""));
        var again = await RunAsync(app, await SampleAsync(app, other.EditId.Value, """{"targetText":"a photo of a bird","settings":{"negativeText":""}}"""));

        Assert.Equal(("a photo of a fish", new(MicroEdit.Settings.TargetText, "")), (other.Settings.TargetText, other.Settings.Tuned));
        Assert.NotEqual(first.ResultSha256, other.ResultSha256);
        Assert.Equal((null, first.ResultSha256), (again.Settings.Tuned, again.ResultSha256));
        Assert.All([other, again], edit => Assert.Null(edit.Restart));
    }

    [Theory]
    [InlineData(MicroEdit.Model)]
    [InlineData(MicroEdit.Cascade)]
    public async Task Get_OfAnyOfATuning_ListsAllThatSampleIt(string model)
    {
        await using var app = await FunctionApp.StartAsync(azurite);
        var settings = MicroEdit.SettingsOf(model);
        await TunedAsync(app.Account, "first", model, settings);
        await TunedAsync(app.Account, "other", model, settings with { TargetText = "a photo of a fish" });
        await app.CreateRecordAsync("untuned");
        var second = (await FunctionApp.ViewAsync(await SampleAsync(app, "first", """{"settings":{"etas":[0.4]}}"""))).EditId;
        var third = (await FunctionApp.ViewAsync(await SampleAsync(app, second.Value, """{"settings":{"etas":[0.6]}}"""))).EditId;

        foreach (var id in (string[])["first", second.Value, third.Value])
            Assert.Equal([(third, second), (second, EditId.Parse("first")), (EditId.Parse("first"), (EditId?)null)], (await ListAsync(id)).Select(edit => (edit.EditId, edit.From)));
        foreach (var alone in (string[])["other", "untuned"]) Assert.Equal(alone, Assert.Single(await ListAsync(alone)).EditId.Value);
        await FunctionApp.AssertProblemAsync(await app.Client.GetAsync("edits/nowhere/samples", Cancellation), 404, "edit-not-found");

        (await app.Client.DeleteAsync("edits/first", Cancellation)).EnsureSuccessStatusCode();
        Assert.Equal([third, second], (await ListAsync(third.Value)).Select(edit => edit.EditId));

        async Task<IEnumerable<EditSummary>> ListAsync(string id) =>
            (await app.Client.GetFromJsonAsync($"edits/{id}/samples", ContractsJsonContext.Default.EditList, Cancellation))!.Edits;
    }

    [Fact]
    public async Task Post_WithAWebhook_KeepsOneThatMayBeCalled()
    {
        await using var app = await FunctionApp.TakeAsync(azurite, $"IMAGIC_WEBHOOK_SECRET={Imagic.Webhooks.Tests.Receiver.Secret}");
        await TunedAsync(app.Account, "first");

        await FunctionApp.AssertProblemAsync(await SampleAsync("https://10.0.0.1/hook"), 400, "invalid-webhook");
        Assert.Equal(new("https://example.com/hook"), (await FunctionApp.ViewAsync(await SampleAsync("https://example.com/hook"))).Webhook);

        Task<HttpResponseMessage> SampleAsync(string url) => SampleEditTests.SampleAsync(app, "first", $$"""{"settings":{"etas":[0.4]},"webhook":"{{url}}"}""");
    }

    [Fact]
    public async Task Post_WhoseTuningIsLostAfterIt_TunesAgain()
    {
        await using var app = await FunctionApp.StartAsync(azurite);
        var first = await TunedAsync(app.Account, "first");
        var response = await SampleAsync(app, "first", """{"settings":{"seeds":[5]}}""");
        await app.Account.Tunings.GetBlobClient(StoragePaths.TuningContent(first.StatusOf(EditStage.FineTune).Sha256!)).DeleteAsync(cancellationToken: Cancellation);

        var second = await RunAsync(app, response);

        Assert.Equal((EditState.Succeeded, first.ResultSha256, 1), (second.State, second.ResultSha256, second.Restart!.Count));
        await AssertNothingLeftAsync(app.Account, second);
    }

    // One after the other: the edit that they are asked of has to be tuned.
    [Fact]
    public async Task Post_OfWhatCannotBe_IsRefusedAndLeavesNothing()
    {
        await using var app = await FunctionApp.StartAsync(azurite);
        await TunedAsync(app.Account, "first");
        var before = await app.BlobsAsync();

        foreach (var (json, status, code, member) in new[]
        {
            ("""{"settings":{"fineTune":{"steps":3}}}""", 400, "invalid-setting", "finetune"),
            ("""{"settings":{"profile":"community"}}""", 400, "invalid-setting", "profile"),
            ("""{"settings":{"superResolution":{"steps":3}}}""", 400, "invalid-setting", "super-resolution"),
            ("""{"settings":{"etas":[9]}}""", 400, "invalid-setting", "eta"),
            ("""{"settings":{"steps":1000,"seeds":[1,2,3,4,5,6,7,8,9,10,11,12]}}""", 400, "over-budget", "settings"),
            ("""{"targetText":" "}""", 400, "invalid-setting", "target text"),
            ("""{"model":"emoji-64"}""", 400, "unknown-member", "model"),
        })
        {
            var problem = await FunctionApp.AssertProblemAsync(await SampleAsync(app, "first", json), status, code);
            Assert.Equal((json, member), (json, (string?)problem["member"]));
            Assert.Equal(before, await app.BlobsAsync());
            Assert.Equal(0, await MessagesAsync(app.Account));
        }
    }

    [Fact]
    public async Task Post_ForAnEditWithoutTuning_SaysWhy()
    {
        await using var app = await FunctionApp.StartAsync(azurite);
        await app.CreateRecordAsync("queued");
        await app.CreateRecordAsync("failed", record => record with { State = EditState.Failed });

        await FunctionApp.AssertProblemAsync(await SampleAsync(app, "nobody", "{}"), 404, "edit-not-found");
        await FunctionApp.AssertProblemAsync(await SampleAsync(app, "queued", "{}"), 409, "not-tuned-yet");
        await FunctionApp.AssertProblemAsync(await SampleAsync(app, "failed", "{}"), 409, "tuning-gone");
    }

    [Fact]
    public async Task Post_WithTheSameKey_GivesTheSameEdit_AndWithOtherSettingsAConflict()
    {
        await using var app = await FunctionApp.StartAsync(azurite);
        await TunedAsync(app.Account, "first");

        var one = await FunctionApp.ViewAsync(await SampleAsync(app, "first", """{"settings":{"seeds":[8]}}""", "key-1"));
        var two = await FunctionApp.ViewAsync(await SampleAsync(app, "first", """{"settings":{"seeds":[8]}}""", "key-1"));
        var other = await SampleAsync(app, "first", """{"settings":{"seeds":[9]}}""", "key-1");

        Assert.Equal(one.EditId, two.EditId);
        Assert.Equal(HttpStatusCode.Conflict, other.StatusCode);
        Assert.Equal(1, await MessagesAsync(app.Account));
    }

    [Fact]
    public async Task StartAsync_AfterACrashAtAnyCall_CompletesTheStart()
    {
        var options = azurite.NewOptions();
        var account = new StorageAccount(options);
        await account.EnsureCreatedAsync(Cancellation);
        var first = await TunedAsync(account, "first");
        var undisturbed = new CrashProbe(int.MaxValue, isDone: false);
        await StartAsync(new(options, undisturbed), first, EditId.Parse("undisturbed"));
        var expected = (await new MicroEdit(account, EditId.Parse("undisturbed"), new TestLogger()).RunAsync(Cancellation)).ResultSha256;

        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        using var worker = new MicroEdit(account, first.EditId, new TestLogger()).NewWorker();
        var running = worker.RunAsync(stop.Token);
        for (var call = 1; call <= undisturbed.Calls; call++)
        {
            foreach (var isDone in new[] { false, true })
            {
                var edit = new MicroEdit(account, EditId.Parse($"crash-{call}-{(isDone ? "after" : "before")}"), new TestLogger());
                await Assert.ThrowsAsync<CrashException>(() => StartAsync(new(options, new CrashProbe(call, isDone)), first, edit.Id));
                Assert.NotEqual(StartOutcome.Conflict, (await StartAsync(account, first, edit.Id)).Outcome);

                var record = await edit.WaitAsync(record => record.HasEnded(), Cancellation, running);
                Assert.Equal((EditState.Succeeded, expected), (record.State, record.ResultSha256));
                await MicroEdit.WaitAsync(async () => (await edit.LeftoversAsync(record, Cancellation)).Count == 0, Cancellation, running);
            }
        }

        await stop.CancelAsync();
        await running;
    }

    private static async Task<int> MessagesAsync(StorageAccount account) =>
        (await account.Queues.GetQueueClient(StoragePaths.StageQueue(EditStage.Sample)).GetPropertiesAsync(Cancellation)).Value.ApproximateMessagesCount;

    private static Task<StartedEdit> StartAsync(StorageAccount account, EditRecord from, EditId id) => new Resampler(
        account, EditStarterTests.StarterOver(account), new(account), new(account), new(account), new(account, new(), TimeProvider.System), new(), new(), TimeProvider.System)
        .StartAsync(id, from, OtherEta, "somebody", Cancellation);

    private static async Task<EditRecord> TunedAsync(StorageAccount account, string id, string model = MicroEdit.Model, EditSettings? settings = null) => await
        (await MicroEdit.StartAsync(account, new TestLogger(), Cancellation, id, settings ?? MicroEdit.SettingsOf(model), model: model)).RunAsync(Cancellation);

    private static async Task<EditRecord> RunAsync(FunctionApp app, HttpResponseMessage response) =>
        await new MicroEdit(app.Account, (await FunctionApp.ViewAsync(response)).EditId, new TestLogger()).RunAsync(Cancellation);

    private static async Task<HttpResponseMessage> SampleAsync(FunctionApp app, string id, string json, string? key = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, $"edits/{id}/samples") { Content = FunctionApp.JsonBody(json) };
        if (key is not null) request.Headers.Add("Idempotency-Key", key);
        return await app.Client.SendAsync(request, Cancellation);
    }

    private static async Task AssertNothingLeftAsync(StorageAccount account, EditRecord record)
    {
        var edit = new MicroEdit(account, record.EditId, new TestLogger());
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        using var worker = edit.NewWorker();
        var running = worker.RunAsync(stop.Token);
        await MicroEdit.WaitAsync(async () => (await edit.LeftoversAsync(record, Cancellation)).Count == 0, Cancellation, running);
        await stop.CancelAsync();
        await running;
    }
}

using Imagic.Contracts;
using Imagic.Contracts.Edits;
using Imagic.Functions.Edits;
using Imagic.Functions.Problems;
using Imagic.Functions.Tests.Batches;
using Imagic.Functions.Tests.StorageEvents;
using Imagic.Storage;
using Imagic.Tests;
using Microsoft.Extensions.Time.Testing;

namespace Imagic.Functions.Tests.Edits;

/// <summary>How many edits may be under way.</summary>
public class StartLimitTests(AzuriteFixture azurite)
{
    private const string Dog = """{"source":"cat.png","targetText":"a dog"}""";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Put_OfOneTooMany_IsRefusedUntilOneHasEnded_AndARepeatIsNot()
    {
        await using var app = await FunctionApp.StartAsync(azurite, "ImagicMaxUnderWay=2");
        await app.UploadAsync("cat.png", Pictures.Cat);
        foreach (var id in new[] { "cat-1", "cat-2" }) Assert.Equal(202, (int)(await app.PutAsync(id, Dog)).StatusCode);

        var refused = await app.PutAsync("cat-3", Dog);
        await FunctionApp.AssertProblemAsync(refused, 429, "too-many-edits");
        Assert.InRange(refused.Headers.RetryAfter!.Delta!.Value.TotalSeconds, 1, 60);
        Assert.DoesNotContain(await app.BlobsAsync(), name => name.StartsWith("cat-3", StringComparison.Ordinal));
        Assert.Equal(202, (int)(await app.PutAsync("cat-2", Dog)).StatusCode);
        await FunctionApp.AssertProblemAsync(await app.PutAsync("cat-2", Dog.Replace("dog", "hen", StringComparison.Ordinal)), 409, "edit-exists");

        await app.Client.PostAsync("edits/cat-1/cancel", null, Cancellation);
        Assert.Equal(202, (int)(await app.PutAsync("cat-3", Dog)).StatusCode);
    }

    [Fact]
    public async Task Put_OfOneTooManyForItsKey_LeavesRoomForOtherKeys()
    {
        await using var app = await FunctionApp.StartAsync(azurite, "ImagicMaxUnderWayPerCaller=1");
        await app.UploadAsync("cat.png", Pictures.Cat);

        Assert.Equal(202, await PutAsync("cat-1", "one", null));
        Assert.Equal(429, await PutAsync("cat-2", "one", null));
        Assert.Equal(429, await PutAsync("cat-2", null, "one"));
        Assert.Equal(202, await PutAsync("cat-2", "two", null));
        // Without a platform that signs in, the header is anybody's.
        app.Client.DefaultRequestHeaders.Add("x-ms-client-principal-id", "somebody-else");
        Assert.Equal(429, await PutAsync("cat-3", "one", null));
        Assert.Matches("^key-[0-9a-f]{12}$", (await app.RecordAsync("cat-1")).Caller);

        async Task<int> PutAsync(string id, string? header, string? code)
        {
            using var request = new HttpRequestMessage(HttpMethod.Put, $"edits/{id}{(code is null ? "" : $"?code={code}")}")
            {
                Content = FunctionApp.JsonBody(Dog),
            };
            if (header is not null) request.Headers.Add("x-functions-key", header);
            return (int)(await app.Client.SendAsync(request, Cancellation)).StatusCode;
        }
    }

    [Fact]
    public async Task Put_OfClientsThatThePlatformHasSignedIn_CountsEach()
    {
        await using var app = await FunctionApp.StartAsync(azurite, "ImagicMaxUnderWayPerCaller=1", "WEBSITE_AUTH_ENABLED=True");
        await app.UploadAsync("cat.png", Pictures.Cat);
        foreach (var (id, client, status) in new[] { ("cat-1", "ann", 202), ("cat-2", "ann", 429), ("cat-2", "bob", 202) })
        {
            using var request = new HttpRequestMessage(HttpMethod.Put, $"edits/{id}") { Content = FunctionApp.JsonBody(Dog) };
            request.Headers.Add("x-ms-client-principal-id", client);
            Assert.Equal(status, (int)(await app.Client.SendAsync(request, Cancellation)).StatusCode);
        }
    }

    [Fact]
    public async Task Picture_DroppedWhenThereAreTooMany_WaitsOnTheQueueAndIsNoProblem()
    {
        await using var app = await FunctionApp.StartAsync(azurite, "ImagicMaxUnderWay=1");
        await app.CreateRecordAsync("cat-1");
        await app.ImageAsync("cat.png", Pictures.Cat, ("targettext", "a smiling cat"));

        await app.DeliverAsync(StoragePaths.Uploads, "cat.png");

        Assert.Single(await app.EditsAsync());
        Assert.Null(await app.Account.Uploads.ProblemAsync("cat.png"));
        var queue = app.Account.Queues.GetQueueClient(StoragePaths.StorageEvents);
        Assert.Equal(1, (await queue.GetPropertiesAsync(Cancellation)).Value.ApproximateMessagesCount);
        Assert.Empty((await queue.PeekMessagesAsync(32, Cancellation)).Value); // not at once: that would spin

        await app.Client.PostAsync("edits/cat-1/cancel", null, Cancellation);
        await app.DeliverAsync(StoragePaths.Uploads, "cat.png");
        Assert.Equal(2, (await app.EditsAsync()).Length);
    }

    [Fact]
    public async Task Batch_LargerThanTheRoomThereIs_StartsWhatFitsAndGoesOnLater()
    {
        await using var app = await FunctionApp.StartAsync(azurite, "ImagicMaxUnderWay=3", "ImagicMaxUnderWayPerCaller=1");
        await app.UploadAsync("cat.png", Pictures.Cat);
        var lines = Enumerable.Range(0, 5).Select(i => $$"""{"source":"cat.png","targetText":"a cat with {{i}} hats"}""");

        await app.DropAsync("catalogue.jsonl", string.Join('\n', lines));

        var (report, _) = await app.ReportAsync("catalogue.jsonl");
        Assert.Equal((5, 0), (report.Accepted.Length, report.Rejected.Length));
        var started = await app.EditsAsync();
        Assert.Equal(3, started.Length);
        Assert.Null(await app.Account.Batches.ProblemAsync("catalogue.jsonl"));
        Assert.Equal(1, (await app.Account.Queues.GetQueueClient(StoragePaths.StorageEvents).GetPropertiesAsync(Cancellation)).Value.ApproximateMessagesCount);

        foreach (var edit in started) await app.Client.PostAsync($"edits/{edit.EditId}/cancel", null, Cancellation);
        await app.DeliverAsync(StoragePaths.Batches, "catalogue.jsonl");
        Assert.Equal(report.Accepted.Select(line => line.EditId).ToHashSet(), (await app.EditsAsync()).Select(edit => edit.EditId).ToHashSet());
    }

    [Fact]
    public async Task Enter_WithinTwoSeconds_CountsItsOwnStartsAndAsksStorageOnce()
    {
        var account = await azurite.NewAccountAsync();
        var time = new FakeTimeProvider();
        using var limit = new StartLimit(new(account), new() { MaxUnderWay = 10, MaxUnderWayPerCaller = 3 }, time);
        for (var i = 0; i < 3; i++) await limit.EnterAsync("ann", Cancellation);

        // None of them ever wrote its entry, which the refusal finds out.
        await limit.EnterAsync("ann", Cancellation);
        time.Advance(TimeSpan.FromSeconds(3));
        await limit.EnterAsync("ann", Cancellation);
    }

    [Fact]
    public async Task Enter_WithoutLimits_AsksNobody()
    {
        var nowhere = new StorageAccount(new() { ConnectionString = "UseDevelopmentStorage=true" });
        using var limit = new StartLimit(new(nowhere), new() { MaxUnderWay = 0, MaxUnderWayPerCaller = 0 }, TimeProvider.System);

        await limit.EnterAsync("ann", Cancellation);
    }

    [Fact]
    public async Task Enter_OfDroppedFiles_LeavesATenthToOthers()
    {
        var account = await azurite.NewAccountAsync();
        await using var app = await FunctionApp.StartAsync(azurite);
        var record = await app.CreateRecordAsync("cat-0");
        var index = new EditIndex(account);
        for (var i = 0; i < 9; i++) await index.WriteAsync(record with { EditId = EditId.Parse($"cat-{i}"), Caller = "batches" }, Cancellation);
        using var limit = new StartLimit(index, new() { MaxUnderWay = 10 }, TimeProvider.System);

        await Assert.ThrowsAsync<TooManyEditsException>(() => limit.EnterAsync("batches", Cancellation));
        await Assert.ThrowsAsync<TooManyEditsException>(() => limit.EnterAsync("uploads", Cancellation));
        await limit.EnterAsync("ann", Cancellation);
    }
}

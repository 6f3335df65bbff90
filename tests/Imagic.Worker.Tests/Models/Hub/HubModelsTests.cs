using Imagic.Contracts.Models;
using Imagic.Diffusion.Packages;
using Imagic.Storage;
using Imagic.Tests;
using Imagic.Worker.Models;
using Imagic.Worker.Models.Hub;
using Microsoft.Extensions.Logging.Abstractions;
using static TorchSharp.torch;

namespace Imagic.Worker.Tests.Models.Hub;

/// <summary>Models that the operator named by where they are on a hub.</summary>
public class HubModelsTests(AzuriteFixture azurite)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Load_OfAModelOfAHub_PutsItIntoStorage_AndOthersTakeItFromThere()
    {
        await using var place = await HubPlace.StartAsync();
        var account = await azurite.NewAccountAsync();
        using var folder = new TemporaryFolder();
        var commit = place.Hub.Publish(HubPlace.Name, HubPlace.Fixture);
        using (var first = Library(place, account, folder.Path, commit)) await first.LoadAsync("micro", Token);
        var requests = place.Hub.Requests.Count;

        using var other = Library(place, account, Path.Combine(folder.Path, "other"), commit);
        var loaded = await other.LoadAsync("micro", Token);

        Assert.Equal(requests, place.Hub.Requests.Count);
        Assert.Equal(await ModelPackage.Open(HubPlace.Fixture).HashAsync(Token), await loaded.Package.HashAsync(Token));
        var manifest = await new ModelStore(account).FindAsync("micro", Token);
        Assert.Equal(($"hub:{HubPlace.Name}@{commit}", 32), (manifest!.Source, manifest.Side));
        Assert.Empty(Directory.EnumerateDirectories(Path.Combine(folder.Path, "hub")));
    }

    [Fact]
    public async Task Load_ByTwoWorkersOfAMachineAtOnce_FetchesOnce()
    {
        await using var place = await HubPlace.StartAsync();
        var account = await azurite.NewAccountAsync();
        using var folder = new TemporaryFolder();
        using var one = Library(place, account, folder.Path, "main");
        using var two = Library(place, account, folder.Path, "main");

        await Task.WhenAll(Task.Run(() => one.LoadAsync("micro", Token), Token), Task.Run(() => two.LoadAsync("micro", Token), Token));

        Assert.Single(place.Hub.Requests, request => request.Path.StartsWith("/api/models/", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Load_AfterTheSettingNamesAnotherRevision_FetchesThat()
    {
        await using var place = await HubPlace.StartAsync();
        place.Hub.Publish(HubPlace.Name, RepositoryFiles.Fixture("sd2-micro"), branch: "v2");
        var account = await azurite.NewAccountAsync();
        using var folder = new TemporaryFolder();
        using (var first = Library(place, account, folder.Path, "main")) await first.LoadAsync("micro", Token);

        using var later = Library(place, account, folder.Path, "v2");
        var loaded = await later.LoadAsync("micro", Token);

        Assert.Equal(await ModelPackage.Open(RepositoryFiles.Fixture("sd2-micro")).HashAsync(Token), await loaded.Package.HashAsync(Token));
    }

    [Fact]
    public async Task Load_WhileTheHubDoesNotAnswer_LeavesTheEditToLater()
    {
        await using var place = await HubPlace.StartAsync();
        using var folder = new TemporaryFolder();
        var account = await azurite.NewAccountAsync();
        using var library = Library(place, account, folder.Path, "main");
        place.Hub.Before = (context, _) =>
        {
            (context.Response.StatusCode, context.Response.Headers.RetryAfter) = (429, "600");
            return Task.FromResult(true);
        };

        var failure = await Assert.ThrowsAsync<HubException>(() => library.LoadAsync("micro", Token));

        Assert.Equal(FailureKind.Storage, Failure.Of(failure));
        place.Hub.Before = null;
        await library.LoadAsync("micro", Token);
    }

    [Fact]
    public async Task Load_OfAModelThatTheHubDoesNotHave_FailsTheEdit()
    {
        await using var place = await HubPlace.StartAsync(publish: false);
        using var folder = new TemporaryFolder();
        using var library = Library(place, await azurite.NewAccountAsync(), folder.Path, "main");

        Assert.Equal(FailureKind.Edit, Failure.Of(await Assert.ThrowsAsync<HubException>(() => library.LoadAsync("micro", Token))));
    }

    private static ModelLibrary Library(HubPlace place, StorageAccount account, string cache, string revision) => new(
        new(account),
        new()
        {
            CacheFolder = cache,
            Compute = new(CPU, ScalarType.Float32, 1),
            Models = ModelEntry.ReadAll($"emoji-64, hub:{HubPlace.Name}@{revision}"),
            Hub = place.Options,
        },
        new(), TimeProvider.System, NullLogger<ModelLibrary>.Instance);
}

using Imagic.Contracts.Models;
using Imagic.Editing;
using Imagic.Tests;
using Imagic.Worker.Models;
using Imagic.Worker.Models.Hub;

namespace Imagic.Worker.Tests.Models.Hub;

/// <summary>A hub with one model, and a folder to pull it into; chunks are small, so that every file has several.</summary>
internal sealed class HubPlace : IAsyncDisposable
{
    public const string Name = "owner/micro";

    private readonly TemporaryFolder _folder = new();

    private HubPlace(LocalHub hub) => Hub = hub;

    public LocalHub Hub { get; }

    public JumpingTime Time { get; } = new();

    public string Root => Path.Combine(_folder.Path, "models");

    public string Home => Path.Combine(Root, "micro");

    public HubOptions Options { get; set; } = new() { ChunkBytes = 100_000, Connections = 4, Patience = TimeSpan.FromSeconds(2) };

    public static string Fixture => RepositoryFiles.Fixture("sd1-micro");

    public static async Task<HubPlace> StartAsync(IReadOnlyDictionary<string, byte[]?>? more = null, bool publish = true)
    {
        var hub = await LocalHub.StartAsync();
        if (publish) hub.Publish(Name, Fixture, more);
        var place = new HubPlace(hub);
        place.Options = place.Options with { Address = hub.Address };
        return place;
    }

    public async Task<HubPlan> PlanAsync(string reference = Name, string? variant = null)
    {
        using var client = new HubClient(Options, Time);
        return await HubPlan.MakeAsync(client, HubReference.Parse(reference), variant, TestContext.Current.CancellationToken);
    }

    public async Task<PulledModel> PullAsync(HubPlan? plan = null, string name = "micro", LocalDisk? disk = null, IProgress<ModelTransfer>? progress = null)
    {
        plan ??= await PlanAsync();
        using var client = new HubClient(Options, Time);
        return await new HubPull(client, Root, disk ?? new(), Time).RunAsync(plan, name, progress, TestContext.Current.CancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        await Hub.DisposeAsync();
        _folder.Dispose();
    }
}

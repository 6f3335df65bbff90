using System.Text;
using System.Text.Json.Nodes;
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

    public LocalHub Hub { get; private set; }

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

    public async Task<HubPlan> PlanCascadeAsync(string one, string two)
    {
        using var client = new HubClient(Options, Time);
        return await HubPlan.MakeAsync(client, HubReference.Parse(one), HubReference.Parse(two), null, TestContext.Current.CancellationToken);
    }

    /// <summary>Two repositories as the stages of published cascades are: each with all that its pipeline has in diffusers.</summary>
    public void PublishCascade(string one = "owner/one", string two = "owner/two")
    {
        var fixture = RepositoryFiles.Fixture("if-cascade");
        foreach (var (name, folder) in (ReadOnlySpan<(string, string)>)[(one, "stage_1"), (two, "stage_2")])
        {
            var index = JsonNode.Parse(File.ReadAllText(Path.Combine(fixture, folder, "model_index.json")))!;
            var more = new Dictionary<string, byte[]?> { ["config.yml"] = "params:"u8.ToArray() };
            foreach (var (component, type) in (ReadOnlySpan<(string, string)>)[
                ("text_encoder", "T5EncoderModel"), ("tokenizer", "T5Tokenizer"), ("safety_checker", "IFSafetyChecker"),
                ("watermarker", "IFWatermarker"), ("feature_extractor", "CLIPImageProcessor")])
            {
                index[component] = new JsonArray("library", type);
                if (folder == "stage_1" && component is "text_encoder" or "tokenizer") continue;
                more[$"{component}/config.json"] = "{}"u8.ToArray();
                more[$"{component}/model.safetensors"] = new byte[100];
            }

            more["model_index.json"] = Encoding.UTF8.GetBytes(index.ToJsonString());
            Hub.Publish(name, Path.Combine(fixture, folder), more);
        }
    }

    public async Task<PulledModel> PullAsync(HubPlan? plan = null, string name = "micro", LocalDisk? disk = null, IProgress<ModelTransfer>? progress = null)
    {
        plan ??= await PlanAsync();
        using var client = new HubClient(Options, Time);
        return await new HubPull(client, Root, disk ?? new(), Time).RunAsync(plan, name, progress, TestContext.Current.CancellationToken);
    }

    /// <summary>From now on another hub with the same models is asked.</summary>
    public async Task MoveAsync()
    {
        var before = Hub;
        Hub = await before.AgainAsync();
        Options = Options with { Address = Hub.Address };
        await before.DisposeAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await Hub.DisposeAsync();
        _folder.Dispose();
    }
}

using System.Text.Json;

namespace Imagic.Infra.Tests;

/// <summary>A resource that a deployment would make.</summary>
public sealed record Resource(JsonElement Json)
{
    public string Id => Json.GetProperty("id").GetString()!;

    public string Type => Json.GetProperty("type").GetString()!;

    /// <summary>Its own name, without those of what it is part of.</summary>
    public string Name => Json.GetProperty("name").GetString()!.Split('/')[^1];

    public JsonElement Properties => Json.GetProperty("properties");

    /// <summary>A value inside the properties, by the names on the way to it.</summary>
    public JsonElement this[params string[] path] => path.Aggregate(Properties, (at, name) => at.GetProperty(name));
}

/// <summary>The infrastructure as it would be deployed, compiled once for all tests.</summary>
public sealed class Infrastructure : IAsyncLifetime
{
    public const string Deployer = "11111111-1111-1111-1111-111111111111";

    private const string Parameters = $"""
        param environmentName = 'test'
        param location = 'westeurope'
        param alertEmail = 'operator@example.com'
        param principalId = '{Deployer}'
        """;

    private const string WorkerParameters =
        """
        param environmentName = 'test'
        param location = 'westeurope'
        param image = 'registry.example/gpu-worker:1'
        param containerEnvironmentName = 'environment'
        param storageName = 'storage'
        param registryName = 'registry'
        param workerIdentityName = 'worker'
        param pullIdentityName = 'pull'
        param optimizeProfile = 'gpu-a100'
        param finetuneProfile = 'gpu-a100'
        param sampleProfile = 'gpu-t4'
        param maxExecutions = '4'
        param replicaTimeout = '21600'
        param models = 'emoji-64,hub:owner/name@main'
        param safety = 'on'
        param watermark = 'on'
        """;

    /// <summary>With the defaults of all parameters that have one.</summary>
    public IReadOnlyList<Resource> Public { get; private set; } = [];

    /// <summary>With <c>privateNetwork</c>.</summary>
    public IReadOnlyList<Resource> Private { get; private set; } = [];

    /// <summary>With <c>editDays</c> of 90.</summary>
    public IReadOnlyList<Resource> Forgetful { get; private set; } = [];

    /// <summary>With webhooks.</summary>
    public IReadOnlyList<Resource> Webhooks { get; private set; } = [];

    /// <summary>With a certificate to sign with, in a vault of another group.</summary>
    public IReadOnlyList<Resource> Signing { get; private set; } = [];

    /// <summary>Its workers.</summary>
    public IReadOnlyList<Resource> SigningWorkers { get; private set; } = [];

    /// <summary>What is deployed together with the worker's image.</summary>
    public IReadOnlyList<Resource> Workers { get; private set; } = [];

    /// <summary>Templates as Azure gets them, by the name of the file.</summary>
    public IReadOnlyDictionary<string, string> Templates { get; private set; } = new Dictionary<string, string>();

    /// <summary>Every resource of both files.</summary>
    public IEnumerable<Resource> All => Public.Concat(Workers);

    /// <inheritdoc/>
    public async ValueTask InitializeAsync()
    {
        Public = Read(await Bicep.PredictAsync("main.bicep", Parameters));
        Private = Read(await Bicep.PredictAsync("main.bicep", $"{Parameters}\nparam privateNetwork = true"));
        Forgetful = Read(await Bicep.PredictAsync("main.bicep", $"{Parameters}\nparam editDays = 90"));
        Webhooks = Read(await Bicep.PredictAsync(
            "main.bicep", $"{Parameters}\nparam webhookSecretUri = 'https://vault.vault.azure.net/secrets/webhooks'\nparam webhookHosts = 'hooks.corp'"));
        Signing = Read(await Bicep.PredictAsync(
            "main.bicep", $"{Parameters}\nparam signingCertificate = 'https://studio.vault.azure.net/certificates/imagic'\nparam signingVaultGroup = 'rg-vault'"));
        Workers = Read(await Bicep.PredictAsync("app/gpu-worker.bicep", WorkerParameters, "--resource-group", "rg-test"));
        SigningWorkers = Read(await Bicep.PredictAsync(
            "app/gpu-worker.bicep", $"{WorkerParameters}\nparam signingCertificate = 'https://studio.vault.azure.net/certificates/imagic'", "--resource-group", "rg-test"));
        Templates = new Dictionary<string, string>
        {
            ["main"] = await Bicep.BuildAsync("main.bicep"),
            ["gpu-worker"] = await Bicep.BuildAsync("app/gpu-worker.bicep"),
        };
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => default;

    /// <summary>All resources of a type.</summary>
    public static IEnumerable<Resource> Of(IEnumerable<Resource> resources, string type) => resources.Where(resource => resource.Type == type);

    private static List<Resource> Read(string prediction)
    {
        using var document = JsonDocument.Parse(prediction);
        Assert.Empty(document.RootElement.GetProperty("diagnostics").EnumerateArray());
        return [.. document.RootElement.Clone().GetProperty("predictedResources").EnumerateArray().Select(json => new Resource(json))];
    }
}

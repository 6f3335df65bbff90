using System.Net.Http.Json;
using System.Text.Json;
using Imagic.Contracts;
using Imagic.Contracts.Models;
using Imagic.Contracts.Settings;
using Imagic.Tests;

namespace Imagic.Functions.Tests.Models;

public class GetModelsTests(AzuriteFixture azurite)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Get_TellsOfEachModelWhatAStartWouldTake()
    {
        await using var app = await FunctionApp.StartAsync(azurite, "ImagicModels=emoji-64, if-xl, sd15, sdxl");
        await PushAsync(app, new() { Name = "if-xl", Sha256 = Zeros, Files = [new("stage_1/model_index.json", 1, Zeros)], Side = 256, Examples = ["a sitting dog"], About = "Knows dogs." });
        await PushAsync(app, new() { Name = "sdxl", Sha256 = Zeros, Files = [new("model_index.json", 1, Zeros)], Side = 768 });

        var list = await ReadAsync(app);

        var examples = await File.ReadAllLinesAsync(Path.Combine(RepositoryFiles.Model("emoji-64"), ModelExamples.FileName), Token);
        Assert.InRange(examples.Length, 4, 6);
        Assert.Equal(
            [
                ("emoji-64", true, "emoji-64", 64, string.Join('|', examples)),
                ("if-xl", false, EditProfile.Cascade, 256, "a sitting dog"),
                ("sd15", false, "community", 512, ""),
                ("sdxl", false, "sdxl", 768, ""),
            ],
            list.Models.Select(model => (model.Name, model.IsDefault, model.Profile, model.Side, string.Join('|', model.Examples))));
        var about = await File.ReadAllTextAsync(Path.Combine(RepositoryFiles.Model("emoji-64"), ModelAbout.FileName), Token);
        Assert.Equal([about.TrimEnd(), "Knows dogs.", null, null], list.Models.Select(model => model.About));
        foreach (var model in list.Models)
            Assert.Equal(model.Profile, new EditOverrides().Resolve("a dog", model.Name, isCascade: model.Name == "if-xl").Profile);
    }

    [Fact]
    public async Task Get_TellsEveryProfileWithAllItsNumbers_AndTheLimits()
    {
        await using var app = await FunctionApp.StartAsync(azurite);

        var list = await ReadAsync(app);

        Assert.Equal(EditProfile.All.Keys.Order(StringComparer.Ordinal), list.Profiles.Select(profile => profile.Name));
        foreach (var profile in list.Profiles)
        {
            var expected = EditProfile.All[profile.Name];
            Assert.Equal((expected.Source, expected.Side), (profile.Source, profile.Side));
            Assert.Equal(Json(expected.For("")), Json(profile.Settings));
        }

        // Those that a start is refused by: see StartEditRefusalTests.
        Assert.Equal(new(256, 1000, 67_108_864, 38_400), list.Limits);
    }

    [Fact]
    public async Task Get_WithoutABudget_HasNoLimitOfPasses()
    {
        await using var app = await FunctionApp.StartAsync(azurite, "ImagicBudget=0");

        Assert.Null((await ReadAsync(app)).Limits.Passes);
    }

    [Fact]
    public async Task Get_OfAModelWhoseManifestIsDamaged_TakesItForWhatItsProfileSays()
    {
        await using var app = await FunctionApp.StartAsync(azurite, "ImagicModels=emoji-64");
        await app.Account.Models.GetBlobClient(StoragePaths.ModelManifest("emoji-64")).UploadAsync(BinaryData.FromString("{"), Token);

        Assert.Equal(("emoji-64", 64), Assert.Single((await ReadAsync(app)).Models.Select(model => (model.Profile, model.Side))));
    }

    private static readonly string Zeros = new('0', 64);

    private static Task PushAsync(FunctionApp app, ModelManifest manifest) => app.Account.Models.GetBlobClient(StoragePaths.ModelManifest(manifest.Name)).UploadAsync(
        BinaryData.FromBytes(JsonSerializer.SerializeToUtf8Bytes(manifest, ContractsJsonContext.Default.ModelManifest)), Token);

    private static async Task<ModelList> ReadAsync(FunctionApp app) =>
        (await app.Client.GetFromJsonAsync("models", ContractsJsonContext.Default.ModelList, Token))!;

    private static string Json(EditSettings settings) => JsonSerializer.Serialize(settings, ContractsJsonContext.Default.EditSettings);
}

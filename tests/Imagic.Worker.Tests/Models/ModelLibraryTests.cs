using Imagic.Contracts;
using Imagic.Diffusion.Packages;
using Imagic.Editing;
using Imagic.Tests;
using Imagic.Worker.Models;
using Microsoft.Extensions.Logging.Abstractions;
using static TorchSharp.torch;

namespace Imagic.Worker.Tests.Models;

public class ModelLibraryTests(AzuriteFixture azurite)
{
    private const string Weights = "unet/diffusion_pytorch_model.safetensors";

    private static readonly ModelPackage Micro = ModelPackage.Open(RepositoryFiles.Fixture("sd1-micro"));
    private static readonly ModelPackage Other = ModelPackage.Open(RepositoryFiles.Fixture("sd2-micro"));

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Load_OfTheSameAgain_GivesWhatIsLoaded()
    {
        using var place = await PlaceAsync();

        Assert.Same(await place.Library.LoadAsync("model", Token), await place.Library.LoadAsync("model", Token));
    }

    [Fact]
    public async Task Load_AfterAPushUnderTheSameName_GivesTheNewPackage()
    {
        using var place = await PlaceAsync();
        await place.Library.LoadAsync("model", Token);

        await place.Store.PushAsync("model", Other, progress: null, Token);

        Assert.Equal(await Other.HashAsync(Token), await HashAsync(await place.Library.LoadAsync("model", Token)));
    }

    [Theory]
    [InlineData("flipped")]
    [InlineData("truncated")]
    [InlineData("missing")]
    public async Task Load_OfAPackageThatBrokeInTheCache_FetchesItAgain(string how)
    {
        using var place = await PlaceAsync();
        // By another worker of the machine, and then by one that has it loaded.
        foreach (var library in new[] { place.NewLibrary(), place.Library })
        {
            var folder = (await place.Library.LoadAsync("model", Token)).Package.Folder;
            Break(Path.Combine(folder, Weights), how);

            Assert.Equal(await Micro.HashAsync(Token), await HashAsync(await library.LoadAsync("model", Token)));
            library.Dispose();
        }
    }

    [Fact]
    public async Task Load_OfAnUnknownName_IsRefused()
    {
        using var place = await PlaceAsync();

        await Assert.ThrowsAsync<BadInputException>(() => place.Library.LoadAsync("unknown", Token));
    }

    private static void Break(string path, string how)
    {
        var bytes = File.ReadAllBytes(path);
        bytes[^1] ^= 1;
        if (how == "missing") File.Delete(path);
        else File.WriteAllBytes(path, how == "flipped" ? bytes : bytes[..^9]);
    }

    // What lies on the disk, not what is believed of it.
    private static Task<string> HashAsync(LoadedModels models) => ModelPackage.Open(models.Package.Folder).HashAsync(Token);

    private async Task<Place> PlaceAsync()
    {
        var place = new Place(new(await azurite.NewAccountAsync()));
        await place.Store.PushAsync("model", Micro, progress: null, Token);
        return place;
    }

    private sealed class Place : IDisposable
    {
        private readonly TemporaryFolder _folder = new();

        public Place(ModelStore store)
        {
            Store = store;
            Library = NewLibrary();
        }

        public ModelStore Store { get; }

        public ModelLibrary Library { get; }

        public ModelLibrary NewLibrary() => new(
            Store, new() { CacheFolder = _folder.Path, Compute = new(CPU, ScalarType.Float32, 1) }, new(), TimeProvider.System, NullLogger<ModelLibrary>.Instance);

        public void Dispose()
        {
            Library.Dispose();
            _folder.Dispose();
        }
    }
}

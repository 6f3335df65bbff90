using Imagic.Contracts.Results;
using Imagic.Functions.Tests;
using Imagic.Tests;
using Microsoft.Extensions.AI;

// The interface may still change; a change shows here.
#pragma warning disable MEAI001

namespace Imagic.Client.Tests;

public class ImagicImageGeneratorTests(AzuriteFixture azurite)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Edit_OfAPicture_GivesTheSuggestedOne()
    {
        await using var app = await FunctionApp.StartAsync(azurite);
        using var client = app.NewClient();
        using var generator = client.AsImageGenerator("emoji-64");

        var editing = generator.EditImageAsync(Pictures.Heart, "heart.png", "a broken heart", cancellationToken: Token);
        var edit = await FinishedEdit.FirstAsync(client);
        await app.SucceedAsync(edit.EditId, ResultManifest.SuggestedFile);
        var response = await editing;

        Assert.Equal(("a broken heart", "emoji-64", "heart.png"), (edit.Settings.TargetText, edit.Model, edit.Source.Name));
        Assert.Equal(Pictures.Sha256(Pictures.Heart), edit.Source.Sha256);
        var picture = Assert.IsType<DataContent>(Assert.Single(response.Contents));
        Assert.Equal(Pictures.Cat, picture.Data.ToArray());
        Assert.Equal(("image/png", "edited.png"), (picture.MediaType, picture.Name));
        Assert.Equal(edit.EditId, Assert.IsType<EditView>(response.RawRepresentation).EditId);
    }

    [Fact]
    public async Task Edit_WithOptions_MapsThem()
    {
        await using var app = await FunctionApp.StartAsync(azurite);
        using var client = app.NewClient();
        using var generator = client.AsImageGenerator("other");
        var options = new ImageGenerationOptions
        {
            ModelId = "emoji-64",
            Count = 2,
            ImageSize = new(64, 72),
            MediaType = "image/png",
            ResponseFormat = ImageGenerationResponseFormat.Uri,
            RawRepresentationFactory = _ => new EditRequest { Settings = new() { Guidance = 2.5 } },
        };

        var editing = generator.EditImageAsync(Pictures.Heart, "heart.png", "a broken heart", options, Token);
        var edit = await FinishedEdit.FirstAsync(client);
        var record = await app.RecordAsync(edit.EditId.Value);
        await app.SucceedAsync(edit.EditId, [ResultManifest.SuggestedFile, FinishedEdit.Picture(edit.Settings, 1), FinishedEdit.Picture(edit.Settings, 2)]);
        var addresses = (await editing).Contents.Cast<UriContent>().Select(content => content.Uri).ToArray();

        Assert.Equal(("emoji-64", 2.5, new WorkingSize(64, 72)), (edit.Model, edit.Settings.Sample.Guidance, record.Size));
        Assert.Equal([1L, 2], edit.Settings.Sample.Seeds);
        Assert.Equal(2, addresses.Length);
        using var anybody = new HttpClient();
        foreach (var address in addresses) Assert.Equal(Pictures.Cat, await anybody.GetByteArrayAsync(address, Token));
        Assert.Contains("seed2", addresses[1].AbsolutePath, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Edit_ThatFails_ThrowsItsReason()
    {
        await using var app = await FunctionApp.StartAsync(azurite);
        using var client = app.NewClient();
        using var generator = client.AsImageGenerator();

        var editing = generator.EditImageAsync(Pictures.Heart, "heart.png", "a broken heart", cancellationToken: Token);
        var edit = await FinishedEdit.FirstAsync(client);
        await app.Records.UpdateAsync(edit.EditId, record => record with { State = EditState.Failed, Error = new("model-unusable", "It has no UNet.") }, Token);

        var exception = await Assert.ThrowsAsync<ImagicApiException>(() => editing);
        Assert.Equal(("model-unusable", "It has no UNet."), (exception.Code, exception.Detail));
    }

    [Fact]
    public async Task Edit_WhosePicturesAreWithheld_SaysSo()
    {
        await using var app = await FunctionApp.StartAsync(azurite);
        using var client = app.NewClient();
        using var generator = client.AsImageGenerator();

        var editing = generator.EditImageAsync(Pictures.Heart, "heart.png", "a broken heart", cancellationToken: Token);
        await app.SucceedAsync((await FinishedEdit.FirstAsync(client)).EditId, ResultManifest.GridFile);

        Assert.Equal("withheld", (await Assert.ThrowsAsync<ImagicApiException>(() => editing)).Code);
    }

    [Fact]
    public async Task Edit_GivenUp_IsCancelledAtTheService()
    {
        await using var app = await FunctionApp.StartAsync(azurite);
        using var client = app.NewClient();
        using var generator = client.AsImageGenerator();
        using var caller = CancellationTokenSource.CreateLinkedTokenSource(Token);

        var editing = generator.EditImageAsync(Pictures.Heart, "heart.png", "a broken heart", cancellationToken: caller.Token);
        var edit = await FinishedEdit.FirstAsync(client);
        await caller.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => editing);
        Assert.Equal(EditState.Cancelled, (await app.RecordAsync(edit.EditId.Value)).State);
    }

    public static TheoryData<string, ImageGenerationRequest, ImageGenerationOptions?> Refused => new()
    {
        { "has no picture", new("a dog"), null },
        { "has 2 pictures", new("a dog", [Data(), Data()]), null },
        { "not there as data", new("a dog", [new UriContent("https://example.com/a.png", "image/png")]), null },
        { "no prompt", new(" ", [Data()]), null },
        { "count must be 1", new("a dog", [Data()]), new() { Count = 0 } },
        { "not as image/jpeg", new("a dog", [Data()]), new() { MediaType = "image/jpeg" } },
        { "hosted files", new("a dog", [Data()]), new() { ResponseFormat = ImageGenerationResponseFormat.Hosted } },
    };

    [Theory]
    [MemberData(nameof(Refused), DisableDiscoveryEnumeration = true)]
    public async Task Request_ThatCannotBeDone_IsRefusedBeforeAnythingIsSent(string reason, ImageGenerationRequest request, ImageGenerationOptions? options)
    {
        using var client = new ImagicClient(new() { Address = new("http://127.0.0.1:1") });
        using var generator = client.AsImageGenerator();

        var exception = await Assert.ThrowsAnyAsync<SystemException>(() => generator.GenerateAsync(request, options, Token));

        Assert.Contains(reason, exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Service_KnowsItselfItsClientAndWhatItIs()
    {
        using var client = new ImagicClient(new() { Address = new("http://127.0.0.1:1") });
        using var generator = client.AsImageGenerator("sd15");

        Assert.Same(client, generator.GetService<ImagicClient>());
        Assert.Same(generator, generator.GetService<IImageGenerator>());
        Assert.Equal(("imagic", "sd15"), (generator.GetService<ImageGeneratorMetadata>()!.ProviderName, generator.GetService<ImageGeneratorMetadata>()!.DefaultModelId));
        Assert.Null(generator.GetService<string>());
    }

    private static DataContent Data() => new(Pictures.Cat, "image/png");
}

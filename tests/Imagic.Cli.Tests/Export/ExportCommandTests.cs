using Imagic.Contracts.Edits;
using Imagic.Contracts.Settings;
using Imagic.Diffusion.Packages;
using Imagic.Diffusion.Weights;
using Imagic.Storage;
using Imagic.TestKit;
using Imagic.Tests;
using Microsoft.Extensions.Logging.Abstractions;

namespace Imagic.Cli.Tests.Export;

public class ExportCommandTests(AzuriteFixture azurite)
{
    private static readonly string Model = RepositoryFiles.Fixture("sd1-micro");
    private static readonly string Cascade = RepositoryFiles.Fixture(MicroEdit.Cascade);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Export_OfADirectEdit_WritesALoraFileAndAPackage()
    {
        using var folder = new TemporaryFolder();
        var edit = await EditAsync(folder, Model, "--tuning", "lora", "--rank", "2", "--finetune-lr", "1e-2", "--checkpointing", "on", "--optimizer", "adamw8bit");
        var (file, package) = (Path.Combine(folder.Path, "bird.safetensors"), Path.Combine(folder.Path, "package"));

        var lora = await ImagicProcess.RunAsync("export", edit, "--lora", "--model", Model, "--out", file);
        var merged = await ImagicProcess.RunAsync("export", edit, "--model", Model, "--out", package);

        Assert.Equal((0, ""), (lora.ExitCode, lora.Error));
        Assert.Contains("LoRA of rank 2", lora.Output, StringComparison.Ordinal);
        using var products = SafetensorsFile.Open(file);
        Assert.All(products.Entries.Keys, key => Assert.Matches(@"^unet\..*\.attn[12]\.to_(q|k|v|out\.0)\.lora_[AB]\.weight$", key));
        Assert.Equal((0, ""), (merged.ExitCode, merged.Error));
        Assert.Equal(0, (await ImagicProcess.RunAsync("models", "verify", package)).ExitCode);
        Assert.NotEqual(await ModelPackage.Open(Model).HashAsync(Token), await ModelPackage.Open(package).HashAsync(Token));
        var again = await ImagicProcess.RunAsync("export", edit, "--model", Model, "--out", package);
        Assert.Equal(2, again.ExitCode);
        Assert.Contains("already", again.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Export_OfADirectEditWithACascade_WritesBothItsUNets()
    {
        using var folder = new TemporaryFolder();
        var edit = await EditAsync(folder, Cascade, "--finetune-sr-steps", "2", "--sr-steps", "2", "--tuning", "lora", "--rank", "2");
        var (files, package) = (Path.Combine(folder.Path, "lora"), Path.Combine(folder.Path, "package"));

        var lora = await ImagicProcess.RunAsync("export", edit, "--lora", "--model", Cascade, "--out", files);
        var merged = await ImagicProcess.RunAsync("export", edit, "--model", Cascade, "--out", package);

        Assert.Equal((0, ""), (lora.ExitCode, lora.Error));
        Assert.Equal((0, ""), (merged.ExitCode, merged.Error));
        AssertCascadeLora(files, rank: 2);
        var (before, after) = (ModelPackage.Open(Cascade), ModelPackage.Open(package));
        Assert.True(after.Verify().IsGood);
        foreach (var weights in before.Files().Where(file => file.Contains("unet", StringComparison.Ordinal) && file.EndsWith(".safetensors", StringComparison.Ordinal)))
            Assert.NotEqual(await File.ReadAllBytesAsync(weights, Token), await File.ReadAllBytesAsync(Path.Combine(package, before.PathOf(weights)), Token));
        var again = await ImagicProcess.RunAsync("export", edit, "--lora", "--model", Cascade, "--out", files);
        Assert.Equal(2, again.ExitCode);
        Assert.Contains("already", again.Error, StringComparison.Ordinal);

        Directory.Delete(Path.Combine(edit, "work", "finetune-sr"), recursive: true);
        var half = await ImagicProcess.RunAsync("export", edit, "--model", Cascade, "--out", Path.Combine(folder.Path, "half"));
        Assert.Equal(2, half.ExitCode);
        Assert.Contains("(finetune-sr) is not there", half.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Export_OfWhatIsNotThere_SaysWhatToDo()
    {
        using var folder = new TemporaryFolder();
        var edit = await EditAsync(folder, Model, "--tuning", "kv");

        await AssertRefusedAsync("is kv, which is no LoRA", edit, "--lora", "--model", Model);
        await AssertRefusedAsync("--model", edit);
        await AssertRefusedAsync("not the one that was tuned", edit, "--model", RepositoryFiles.Model("emoji-64"));
        Directory.Delete(Path.Combine(edit, "work", "finetune"), recursive: true);
        await AssertRefusedAsync("tuning of the edit", edit, "--model", Model);
        await AssertRefusedAsync("no finished edit", folder.Path);

        static async Task AssertRefusedAsync(string why, params string[] arguments)
        {
            var end = await ImagicProcess.RunAsync(["export", .. arguments]);
            Assert.Equal(2, end.ExitCode);
            Assert.Contains(why, end.Error, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData(MicroEdit.Model)]
    [InlineData(MicroEdit.Cascade)]
    public async Task Export_OfAnEditOfTheService_WritesWhatItsStorageHas(string model)
    {
        using var folder = new TemporaryFolder();
        var options = azurite.NewOptions();
        var account = new StorageAccount(options);
        await account.EnsureCreatedAsync(Token);
        var tuning = new FineTuneSettings(3, 1e-2) { Tuning = Tuning.Lora, Rank = 3 };
        var isCascade = model == MicroEdit.Cascade;
        var settings = (isCascade ? MicroEdit.CascadeSettings : MicroEdit.Settings) with { FineTune = tuning };
        if (settings.SuperResolution is { } super) settings = settings with { SuperResolution = super with { FineTune = tuning } };
        var edit = await MicroEdit.StartAsync(account, NullLogger.Instance, Token, settings: settings, model: model);
        Assert.Equal(EditState.Succeeded, (await edit.RunAsync(Token)).State);
        var file = Path.Combine(folder.Path, "lora.safetensors");

        using var process = ImagicProcess.Run(
            new Dictionary<string, string> { [StorageOptions.Connection] = options.ConnectionString! }, "export", edit.Id.Value, "--lora", "--model", RepositoryFiles.Fixture(model), "--out", file);
        var end = await process.EndAsync();

        Assert.Equal((0, ""), (end.ExitCode, end.Error));
        if (isCascade)
        {
            AssertCascadeLora(file, rank: 3);
            return;
        }

        using var products = SafetensorsFile.Open(file);
        Assert.All(products.Entries, entry => Assert.Contains(3, entry.Value.Shape));
    }

    private static void AssertCascadeLora(string folder, int rank)
    {
        foreach (var stage in (string[])["stage_1", "stage_2"])
        {
            using var products = SafetensorsFile.Open(Path.Combine(folder, stage, "pytorch_lora_weights.safetensors"));
            Assert.All(products.Entries.Keys, key => Assert.Matches(@"^unet\..*\.attentions\.\d+\.(to_(q|k|v|out\.0)|add_[kv]_proj)\.lora_[AB]\.weight$", key));
            Assert.All(products.Entries, entry => Assert.Contains(rank, entry.Value.Shape));
        }
    }

    private static async Task<string> EditAsync(TemporaryFolder folder, string model, params string[] tuning)
    {
        var edit = Path.Combine(folder.Path, "edit");
        var end = await ImagicProcess.RunAsync(
        [
            "edit", Path.Combine(Model, "input.png"), "a bird", "--direct", "--model", model, "--out", edit, "--preview", "0",
            "--optimize-steps", "2", "--finetune-steps", "2", "--steps", "2", "--seeds", "1", "--eta", "1", .. tuning,
        ]);
        Assert.Equal((0, ""), (end.ExitCode, end.Error));
        return edit;
    }
}

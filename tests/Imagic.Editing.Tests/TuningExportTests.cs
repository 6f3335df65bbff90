using Imagic.Diffusion.Packages;
using Imagic.Diffusion.UNet;
using Imagic.Diffusion.Weights;
using Imagic.Editing.Checkpoints;
using Imagic.Editing.Descent;
using Imagic.Editing.Sample;
using Imagic.Tests;
using static TorchSharp.torch;

namespace Imagic.Editing.Tests;

public class TuningExportTests
{
    private static readonly CancellationToken Token = TestContext.Current.CancellationToken;

    public static MatrixTheoryData<string, Tuning> Kinds => new(["sd1-micro", TinyEdit.Cascade], Enum.GetValues<Tuning>());

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task WritePackage_LoadedAgain_GivesTheEditsPictures(string model, Tuning tuning)
    {
        using var edit = await FinishedEdit.RunAsync(model, tuning);
        using var folder = new TemporaryFolder();

        edit.Export.WritePackage(folder.Path, Token);

        var exported = ModelPackage.Open(folder.Path);
        Assert.True(exported.Verify().IsGood);
        Assert.NotEqual(await edit.Package.HashAsync(Token), await exported.HashAsync(Token));
        Assert.Equal(
            edit.Package.Files().Select(edit.Package.PathOf), exported.Files().Select(exported.PathOf));
        Assert.Equal(edit.Pictures, edit.PicturesOf(exported, _ => { }));
        Assert.NotEqual(edit.Pictures, edit.PicturesOf(edit.Package, _ => { }));
    }

    [Fact]
    public void WritePackage_OfACascade_TakesTheLicencesAlong()
    {
        using var source = new TemporaryFolder();
        using var folder = new TemporaryFolder();
        ModelPackage.Open(RepositoryFiles.Fixture(TinyEdit.Cascade)).CopyWithoutUNets(source.Path, Token);
        string[] licences = [Path.Combine("stage_1", "LICENSE-MODEL"), Path.Combine("stage_2", "LICENSE.md")];
        foreach (var licence in licences) File.WriteAllText(Path.Combine(source.Path, licence), licence);
        foreach (var stage in (string[])["stage_1", "stage_2"])
        {
            var weights = Path.Combine(stage, "unet", "diffusion_pytorch_model.safetensors");
            File.Copy(Path.Combine(RepositoryFiles.Fixture(TinyEdit.Cascade), weights), Path.Combine(source.Path, weights));
        }

        ModelPackage.Open(source.Path).CopyWithoutUNets(folder.Path, Token);

        Assert.All(licences, licence => Assert.Equal(licence, File.ReadAllText(Path.Combine(folder.Path, licence))));
        Assert.Empty(Directory.EnumerateFiles(folder.Path, "diffusion_pytorch_model*", SearchOption.AllDirectories));
    }

    [Fact]
    public async Task WriteLora_OfACascade_GivesEachPipelineAFileOfItsOwn()
    {
        using var edit = await FinishedEdit.RunAsync(TinyEdit.Cascade, Tuning.Lora);
        using var folder = new TemporaryFolder();

        edit.Export.WriteLora(folder.Path);

        using var small = SafetensorsFile.Open(Path.Combine(folder.Path, "stage_1", "pytorch_lora_weights.safetensors"));
        using var large = SafetensorsFile.Open(Path.Combine(folder.Path, "stage_2", "pytorch_lora_weights.safetensors"));
        Assert.Contains("unet.mid_block.attentions.0.add_k_proj.lora_A.weight", small.Entries.Keys);
        Assert.Contains("unet.mid_block.attentions.0.to_out.0.lora_B.weight", large.Entries.Keys);
        Assert.Equal(edit.Pictures, edit.PicturesOf(edit.Package, models =>
        {
            Merge(models.UNet.Parameters, small);
            Merge(models.SuperResolution.UNet.Parameters, large);
        }));
    }

    [Fact]
    public async Task WriteLora_LoadedAgain_GivesTheEditsPictures()
    {
        using var edit = await FinishedEdit.RunAsync("sd1-micro", Tuning.Lora);
        using var folder = new TemporaryFolder();
        var path = Path.Combine(folder.Path, "lora.safetensors");

        edit.Export.WriteLora(path);

        using var file = SafetensorsFile.Open(path);
        Assert.Equal("pt", file.Metadata["format"]);
        Assert.Equal([2, 32], file.Entries["unet.mid_block.attentions.0.transformer_blocks.0.attn1.to_q.lora_A.weight"].Shape);
        Assert.Equal([32, 2], file.Entries["unet.mid_block.attentions.0.transformer_blocks.0.attn1.to_out.0.lora_B.weight"].Shape);
        Assert.Equal(edit.Pictures, edit.PicturesOf(edit.Package, models => Merge(models.UNet.Parameters, file)));
    }

    // As a program that knows the layout alone would do it.
    private static void Merge(ParameterSet weights, SafetensorsFile file)
    {
        using var scope = NewDisposeScope();
        var used = 0;
        foreach (var parameter in weights.Parameters)
        {
            var layer = $"unet.{parameter.Name[..parameter.Name.LastIndexOf('.')]}";
            if (!file.Entries.ContainsKey($"{layer}.lora_A.weight") || !parameter.Name.EndsWith(".weight", StringComparison.Ordinal)) continue;
            parameter.Value.add_(matmul(file.ReadTensor($"{layer}.lora_B.weight"), file.ReadTensor($"{layer}.lora_A.weight")), alpha: Diffusion.Scalars.One);
            used += 2;
        }

        Assert.Equal(file.Entries.Count, used);
    }

    private sealed record FinishedEdit(ModelPackage Package, EditSettings Settings, SampleInputs Inputs, byte[] Pictures) : IDisposable
    {
        public TuningExport Export => new(Package, Settings, Inputs.Tuned!, Inputs.TunedSuperResolution);

        public static async Task<FinishedEdit> RunAsync(string model, Tuning tuning)
        {
            using var folder = new TemporaryFolder();
            var settings = TinyEdit.For(model, TinyEdit.Settings with
            {
                FineTune = new(3, 1e-2) { Tuning = tuning, Rank = tuning == Tuning.Lora ? 2 : null },
                Sample = TinyEdit.Settings.Sample with { Blends = [1], Scheduler = SchedulerType.Ddim },
            });
            var finished = Assert.IsType<EditOutcome.Finished>(await TinyEdit.RunAsync(new FolderCheckpointStore(folder.Path), settings, model: model));
            Tensor Read(EditStage stage, string name)
            {
                var state = Directory.EnumerateFiles(folder.Path, "state.safetensors", SearchOption.AllDirectories)
                    .Single(path => path[folder.Path.Length..].Split(Path.DirectorySeparatorChar).Contains(stage.Name()));
                using var file = SafetensorsFile.Open(state);
                return file.ReadTensor(name);
            }

            var conditions = new Conditions
            {
                Latents = Read(EditStage.Optimize, "latents"),
                Target = new(Read(EditStage.Optimize, "target")),
                Negative = new(Read(EditStage.Optimize, "negative")),
            };
            return new(
                ModelPackage.Open(RepositoryFiles.Fixture(model)), settings,
                new(
                    conditions, new(Read(EditStage.Optimize, "optimized")), Read(EditStage.FineTune, "parameters"),
                    settings.SuperResolution is null ? null : Read(EditStage.FineTuneSuperResolution, "parameters")),
                [.. finished.Pictures.SelectMany(picture => picture.Picture.Pixels)]);
        }

        /// <summary>Samples with the weights that a package has, and <paramref name="change"/>, by the edit's texts.</summary>
        public byte[] PicturesOf(ModelPackage package, Action<LoadedModels> change)
        {
            using var noGrad = no_grad();
            using var models = new LoadedModels(package, ScalarType.Float32, CPU);
            change(models);
            using var tuned = models.UNet.Parameters.Flat.clone();
            using var large = models.IsCascade ? models.SuperResolution.UNet.Parameters.Flat.clone() : null;
            var whole = new FineTuneSettings(1, 1);
            using var stage = new SampleStage(models, Inputs with { Tuned = tuned, TunedSuperResolution = large }, Settings with
            {
                FineTune = whole,
                SuperResolution = Settings.SuperResolution is { } super ? super with { FineTune = whole } : null,
            });
            while (!stage.IsDone) stage.Advance();
            using var pictures = stage.Result().Single(result => result.Name == "pictures").Value;
            return pictures.bytes.ToArray();
        }

        public void Dispose()
        {
            Inputs.Conditions.Dispose();
            Inputs.Optimized.Dispose();
            Inputs.Tuned?.Dispose();
            Inputs.TunedSuperResolution?.Dispose();
        }
    }
}

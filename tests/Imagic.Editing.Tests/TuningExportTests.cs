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

    public static TheoryData<Tuning> Kinds => [.. Enum.GetValues<Tuning>()];

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task WritePackage_LoadedAgain_GivesTheEditsPictures(Tuning tuning)
    {
        using var edit = await FinishedEdit.RunAsync(tuning);
        using var folder = new TemporaryFolder();

        TuningExport.WritePackage(edit.Package, edit.Settings.FineTune, edit.Tuned, folder.Path, Token);

        var exported = ModelPackage.Open(folder.Path);
        Assert.True(exported.Verify().IsGood);
        Assert.NotEqual(await edit.Package.HashAsync(Token), await exported.HashAsync(Token));
        Assert.Equal(edit.Pictures, edit.PicturesOf(exported, _ => { }));
    }

    [Fact]
    public async Task WriteLora_LoadedAgain_GivesTheEditsPictures()
    {
        using var edit = await FinishedEdit.RunAsync(Tuning.Lora);
        using var folder = new TemporaryFolder();
        var path = Path.Combine(folder.Path, "lora.safetensors");

        TuningExport.WriteLora(edit.Package, edit.Settings.FineTune, edit.Tuned, path);

        using var file = SafetensorsFile.Open(path);
        Assert.Equal("pt", file.Metadata["format"]);
        Assert.Equal([2, 32], file.Entries["unet.mid_block.attentions.0.transformer_blocks.0.attn1.to_q.lora_A.weight"].Shape);
        Assert.Equal([32, 2], file.Entries["unet.mid_block.attentions.0.transformer_blocks.0.attn1.to_out.0.lora_B.weight"].Shape);
        Assert.Equal(edit.Pictures, edit.PicturesOf(edit.Package, weights => Merge(weights, file)));
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

    private sealed record FinishedEdit(
        ModelPackage Package, EditSettings Settings, Conditions Conditions, TextEmbedding Optimized, Tensor Tuned, byte[] Pictures) : IDisposable
    {
        public static async Task<FinishedEdit> RunAsync(Tuning tuning)
        {
            using var folder = new TemporaryFolder();
            var settings = TinyEdit.Settings with
            {
                FineTune = new(3, 1e-2) { Tuning = tuning, Rank = tuning == Tuning.Lora ? 2 : null },
                Sample = TinyEdit.Settings.Sample with { Blends = [1], Scheduler = SchedulerType.Ddim },
            };
            var finished = Assert.IsType<EditOutcome.Finished>(await TinyEdit.RunAsync(new FolderCheckpointStore(folder.Path), settings));
            var states = Directory.EnumerateFiles(folder.Path, "state.safetensors", SearchOption.AllDirectories).Order().ToArray();
            Tensor Read(int stage, string name)
            {
                using var file = SafetensorsFile.Open(states.Single(state => state.Contains(((EditStage)stage).Name(), StringComparison.Ordinal)));
                return file.ReadTensor(name);
            }

            return new(
                ModelPackage.Open(RepositoryFiles.Fixture("sd1-micro")), settings,
                new() { Latents = Read(0, "latents"), Target = new(Read(0, "target")), Negative = new(Read(0, "negative")) },
                new(Read(0, "optimized")), Read(1, "parameters"), [.. finished.Pictures.SelectMany(picture => picture.Picture.Pixels)]);
        }

        /// <summary>Samples a package with the edit's texts and no tuning but <paramref name="change"/>.</summary>
        public byte[] PicturesOf(ModelPackage package, Action<ParameterSet> change)
        {
            using var scope = NewDisposeScope();
            using var noGrad = no_grad();
            using var models = new LoadedModels(package, ScalarType.Float32, CPU);
            change(models.UNet.Parameters);
            var keys = Assert.Single(SamplePlan.Batches(Settings));
            var scheduler = models.CreateScheduler(Settings.Sample.Scheduler, Settings.Sample.Steps);
            var states = SamplePlan.Interpolate(Conditions.Target, Optimized, [.. keys.Select(key => key.Strength.Eta)]);
            using var sampler = new Sampler(models.UNet, scheduler, states, Conditions.Negative, Settings.Sample.Guidance);
            var noise = cat([.. keys.Select(key => StepRandom.Noise(key.Seed, "sample", 0, Conditions.Latents.shape, CPU))]);
            return models.Decode(sampler.Run(Sampler.Start(scheduler, noise)).Sample).bytes.ToArray();
        }

        public void Dispose()
        {
            Conditions.Dispose();
            Optimized.Dispose();
            Tuned.Dispose();
        }
    }
}

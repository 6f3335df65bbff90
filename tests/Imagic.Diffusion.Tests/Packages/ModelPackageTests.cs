using System.Text.Json.Nodes;
using Imagic.Diffusion.Packages;
using Imagic.Diffusion.Weights;
using static TorchSharp.torch;

namespace Imagic.Diffusion.Tests.Packages;

public sealed class ModelPackageTests : IDisposable
{
    private readonly TemporaryFolder _package = new();

    public ModelPackageTests() => _package.CopyFrom(new Fixture("sd1-micro").Folder);

    public void Dispose() => _package.Dispose();

    [Theory]
    [InlineData("sd1-micro")]
    [InlineData("sd2-micro")]
    [InlineData("starter-64")]
    public void Verify_GoodPackage_FindsNoProblem(string fixture)
    {
        var report = ModelPackage.Open(new Fixture(fixture).Folder).Verify();

        Assert.All(report.Components, component => Assert.Null(component.Problem));
        Assert.Equal(["tokenizer", "text_encoder", "vae", "unet", "scheduler", "package"], report.Components.Select(component => component.Name));
    }

    [Fact]
    public void Verify_XLPackage_ChecksBothTextEncoders()
    {
        var package = ModelPackage.Open(new Fixture("sdxl-micro").Folder);

        var report = package.Verify();

        Assert.All(report.Components, component => Assert.Null(component.Problem));
        Assert.Equal(
            ["tokenizer", "text_encoder", "tokenizer_2", "text_encoder_2", "vae", "unet", "scheduler", "package"],
            report.Components.Select(component => component.Name));
        Assert.Contains(package.Files(), file => package.PathOf(file) == "text_encoder_2/model.safetensors");
    }

    [Fact]
    public void Verify_Cascade_ChecksBothStages()
    {
        var package = ModelPackage.Open(new Fixture("if-cascade").Folder);

        var report = package.Verify();

        Assert.All(report.Components, component => Assert.Null(component.Problem));
        Assert.Equal(
            [
                "stage_1/tokenizer", "stage_1/text_encoder", "stage_1/unet", "stage_2/unet", "stage_1/scheduler", "stage_2/scheduler",
                "stage_2/image_noising_scheduler", "package",
            ],
            report.Components.Select(component => component.Name));
        Assert.Equal((32, 8), (package.ReadGeometry().Side, package.ReadGeometry().Multiple));
    }

    [Fact]
    public void Load_EachComponent_HasTheWeightsThatVerifyCounted()
    {
        var package = ModelPackage.Open(_package.Root);
        var counts = package.Verify().Components.ToDictionary(component => component.Name, component => component.ParameterCount);

        using var text = (ClipTextEncoder)package.LoadTextEncoder(ScalarType.Float32, CPU);
        using var vae = package.LoadVae(ScalarType.Float32, CPU);
        using var unet = package.LoadUNet(ScalarType.BFloat16, CPU);

        Assert.Equal(counts["text_encoder"], text.Models[0].Parameters.Flat.numel());
        Assert.Equal(counts["vae"], vae.Parameters.Flat.numel());
        Assert.Equal(counts["unet"], unet.Parameters.Flat.numel());
        Assert.Equal(ScalarType.BFloat16, unet.Parameters.Flat.dtype);
        Assert.Equal(1000, package.LoadScheduler().NumTrainTimesteps);
    }

    [Fact]
    public void LoadVae_OldAttentionNamesAndConvolutions_GivesTheSameWeights()
    {
        using var scope = NewDisposeScope();
        using var expected = ModelPackage.Open(_package.Root).LoadVae(ScalarType.Float32, CPU);
        Rewrite("vae/diffusion_pytorch_model.safetensors", (name, value) => !name.Contains(".attentions.", StringComparison.Ordinal)
            ? (name, value)
            : (OldName(name), value.dim() == 2 ? value.unsqueeze(-1).unsqueeze(-1) : value));

        using var vae = ModelPackage.Open(_package.Root).LoadVae(ScalarType.Float32, CPU);

        Assert.Equal(expected.Parameters.Flat.bytes.ToArray(), vae.Parameters.Flat.bytes.ToArray());

        static string OldName(string name) => name
            .Replace("to_q", "query", StringComparison.Ordinal).Replace("to_k", "key", StringComparison.Ordinal)
            .Replace("to_v", "value", StringComparison.Ordinal).Replace("to_out.0", "proj_attn", StringComparison.Ordinal);
    }

    [Fact]
    public void LoadVae_HalfPrecisionVariantOnly_IsRead()
    {
        File.Move(_package.Path("vae/diffusion_pytorch_model.safetensors"), _package.Path("vae/diffusion_pytorch_model.fp16.safetensors"));

        using var vae = ModelPackage.Open(_package.Root).LoadVae(ScalarType.Float32, CPU);

        Assert.True(vae.Parameters.Count > 0);
    }

    [Fact]
    public void LoadUNet_Shards_AreReadAsOneModel()
    {
        using var scope = NewDisposeScope();
        using var expected = ModelPackage.Open(_package.Root).LoadUNet(ScalarType.Float32, CPU);
        var whole = _package.Path("unet/diffusion_pytorch_model.safetensors");
        var map = new JsonObject();
        using (var file = SafetensorsFile.Open(whole))
        {
            foreach (var (shard, names) in file.Entries.Keys.Chunk(file.Entries.Count / 2 + 1).Index())
            {
                using var stream = File.Create(_package.Path($"unet/shard-{shard}.safetensors"));
                SafetensorsWriter.Write(stream, [.. names.Select(name => (name, file.ReadTensor(name)))]);
                foreach (var name in names) map[name] = $"shard-{shard}.safetensors";
            }
        }

        File.Delete(whole);
        Write("unet/diffusion_pytorch_model.safetensors.index.json", new JsonObject { ["weight_map"] = map }.ToJsonString());

        using var unet = ModelPackage.Open(_package.Root).LoadUNet(ScalarType.Float32, CPU);

        Assert.Equal(expected.Parameters.Flat.bytes.ToArray(), unet.Parameters.Flat.bytes.ToArray());
    }

    [Theory]
    [InlineData("../../secret.safetensors")]
    [InlineData("weights.bin")]
    public void LoadUNet_ShardElsewhereOrOfAnotherKind_IsRefused(string shard)
    {
        File.Delete(_package.Path("unet/diffusion_pytorch_model.safetensors"));
        Write("unet/diffusion_pytorch_model.safetensors.index.json", $$"""{ "weight_map": { "conv_in.weight": "{{shard}}" } }""");

        var error = Assert.Throws<ModelPackageException>(() => ModelPackage.Open(_package.Root).LoadUNet(ScalarType.Float32, CPU));

        Assert.Contains($"weight_map has '{shard}', expected the name of a safetensors file in the same folder", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void LoadUNet_BinWeightsOnly_SaysToConvertThem()
    {
        File.Move(_package.Path("unet/diffusion_pytorch_model.safetensors"), _package.Path("unet/diffusion_pytorch_model.bin"));

        var error = Assert.Throws<ModelPackageException>(() => ModelPackage.Open(_package.Root).LoadUNet(ScalarType.Float32, CPU));

        Assert.Contains("convert them to safetensors", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{ "_class_name": "FluxPipeline" }""", "_class_name is FluxPipeline; supported is StableDiffusionPipeline")]
    [InlineData("""{ "_class_name": "StableDiffusionXLPipeline", "tokenizer": ["transformers", "CLIPTokenizer"] }""", "text_encoder is absent; supported is CLIPTextModel")]
    [InlineData("""{ "_class_name": "StableDiffusionXLInpaintPipeline" }""", "it is of an inpainting model")]
    [InlineData("""{ "_class_name": "StableDiffusionXLImg2ImgPipeline", "requires_aesthetics_score": true }""", "it is of a refiner")]
    [InlineData("""{ "_class_name": "StableDiffusionXLImg2ImgPipeline", "text_encoder": [null, null] }""", "it is of a refiner")]
    [InlineData("""{ "_class_name": "StableDiffusionXLPipeline", "_name_or_path": "stabilityai/sdxl-turbo" }""", "it is of a model distilled to a few steps")]
    [InlineData("""{ "_class_name": "IFPipeline" }""", "it is of one stage of a cascade; name the folder that holds stage_1 and stage_2")]
    [InlineData("""{ }""", "_class_name is absent")]
    [InlineData("""{ "_class_name": 7 }""", "_class_name is 7")]
    [InlineData("""{ "_class_name": "StableDiffusionPipeline", "tokenizer": ["transformers", "T5Tokenizer"] }""", "tokenizer is T5Tokenizer; supported is CLIPTokenizer")]
    [InlineData("""{ "_class_name": "StableDiffusionPipeline", "tokenizer": ["transformers", "CLIPTokenizer"] }""", "text_encoder is absent; supported is CLIPTextModel")]
    [InlineData("""{ "_class_name": """, "not the JSON that was expected")]
    public void Open_OtherKindOfPackage_IsRefusedByName(string index, string problem)
    {
        Write("model_index.json", index);

        var error = Assert.Throws<ModelPackageException>(() => ModelPackage.Open(_package.Root));

        Assert.StartsWith(_package.Path("model_index.json"), error.Message, StringComparison.Ordinal);
        Assert.Contains(problem, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Open_NoPackage_SaysWhichFileIsMissing()
    {
        var error = Assert.Throws<ModelPackageException>(() => ModelPackage.Open("/nowhere"));

        Assert.Equal("/nowhere/model_index.json: the file is missing from the package.", error.Message);
    }

    [Fact]
    public void Verify_MissingKeyAndWrongShape_NamesThem()
    {
        using var scope = NewDisposeScope();
        Rewrite("unet/diffusion_pytorch_model.safetensors", (name, value) => name switch
        {
            "conv_in.bias" => ("conv_in.offset", value),
            "conv_out.bias" => (name, zeros(5)),
            _ => (name, value),
        });

        var problem = Problem("unet");

        Assert.Contains("(3 problems)", problem, StringComparison.Ordinal);
        Assert.Contains("'conv_in.bias' is missing, expected [16]", problem, StringComparison.Ordinal);
        Assert.Contains("'conv_out.bias' has shape [5], expected [4]", problem, StringComparison.Ordinal);
        Assert.Contains("'conv_in.offset' is not a tensor of this model", problem, StringComparison.Ordinal);
    }

    [Fact]
    public void Verify_TruncatedWeights_SaysSo()
    {
        using (var stream = File.OpenWrite(_package.Path("vae/diffusion_pytorch_model.safetensors"))) stream.SetLength(stream.Length - 100);

        Assert.Contains("it is truncated", Problem("vae"), StringComparison.Ordinal);
    }

    [Fact]
    public void Verify_ConfigOfAnotherVariant_NamesFileKeyAndValue()
    {
        Change("unet/config.json", config => config["class_embed_type"] = "projection");

        Assert.Equal($"{_package.Path("unet/config.json")}: class_embed_type is \"projection\"; supported is \"timestep\".", Problem("unet"));
    }

    // Each would take gigabytes, or for ever, if it were built.
    [Theory]
    [InlineData("unet", "layers_per_block", 1_000_000)]
    [InlineData("unet", "transformer_layers_per_block", 1_000_000)]
    [InlineData("unet", "sample_size", 0)]
    [InlineData("unet", "sample_size", 1_000_000_000)]
    [InlineData("unet", "cross_attention_dim", int.MaxValue)]
    [InlineData("unet", "in_channels", -4)]
    [InlineData("vae", "layers_per_block", 10_000_000)]
    [InlineData("vae", "latent_channels", 0)]
    [InlineData("text_encoder", "num_hidden_layers", 10_000_000)]
    [InlineData("text_encoder", "vocab_size", int.MaxValue)]
    [InlineData("scheduler", "num_train_timesteps", int.MaxValue)]
    [InlineData("scheduler", "steps_offset", int.MaxValue)]
    public void Verify_NumberBeyondReason_NamesIt(string component, string key, int value)
    {
        Change(component == "scheduler" ? "scheduler/scheduler_config.json" : $"{component}/config.json", config => config[key] = value);

        var problem = Problem(component);

        Assert.Contains($"{key} is {value}", problem.Replace($"{key} has", $"{key} is", StringComparison.Ordinal), StringComparison.Ordinal);
        Assert.Contains("expected", problem, StringComparison.Ordinal);
    }

    [Fact]
    public void Verify_BlockListOfManyLevels_NamesIt()
    {
        Change("unet/config.json", config => config["block_out_channels"] = new JsonArray([.. Enumerable.Repeat(16, 100_000).Select(channels => (JsonNode)channels)]));

        Assert.Contains("block_out_channels has 100000 levels", Problem("unet"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("unet", "upcast_attention")]
    [InlineData("unet", "sample_size")]
    [InlineData("unet", "norm_eps")]
    [InlineData("vae", "scaling_factor")]
    [InlineData("vae", "act_fn")]
    public void Verify_NullForAnOptionalKey_IsTheDefault(string component, string key)
    {
        Change($"{component}/config.json", config => config[key] = null);

        Assert.True(ModelPackage.Open(_package.Root).Verify().IsGood);
    }

    [Theory]
    [InlineData("0.6.0", 32, 64)]
    [InlineData("0.6.0.dev0", 32, 64)]
    [InlineData("0.9.0", 32, 32)]
    [InlineData("0.31.0", 16, 16)]
    [InlineData("0.8.1", 96, 96)]
    public void ReadGeometry_SampleSizeOfOldConversions_IsTheOneOfThePipelines(string version, int said, int meant)
    {
        var multiple = ModelPackage.Open(_package.Root).ReadGeometry().Multiple;
        Change("unet/config.json", config => (config["_diffusers_version"], config["sample_size"]) = (version, new JsonArray(said, said)));

        var factor = 1 << (Count("vae/config.json") - 1);
        Assert.Equal(new(meant * factor, multiple), ModelPackage.Open(_package.Root).ReadGeometry());

        int Count(string file) => JsonNode.Parse(File.ReadAllText(_package.Path(file)))!["block_out_channels"]!.AsArray().Count;
    }

    [Fact]
    public void LoadScheduler_OfAFileWithoutLatentsInMind_IsAsThePipelinesSetIt()
    {
        Write("scheduler/scheduler_config.json", """{ "_class_name": "EulerDiscreteScheduler", "steps_offset": 0, "clip_sample": true }""");

        var scheduler = ModelPackage.Open(_package.Root).LoadScheduler();

        Assert.Equal((false, 1), (scheduler.ClipSample, scheduler.StepsOffset));
    }

    [Fact]
    public void LoadTextEncoder_FewerLayersInTheConfig_LeavesTheRestOutAndTellsIt()
    {
        Assert.Empty(ModelPackage.Open(_package.Root).Notices());
        using var whole = (ClipTextEncoder)ModelPackage.Open(_package.Root).LoadTextEncoder(ScalarType.Float32, CPU);
        Change("text_encoder/config.json", config => config["num_hidden_layers"] = config["num_hidden_layers"]!.GetValue<int>() - 1);
        var package = ModelPackage.Open(_package.Root);

        Assert.True(package.Verify().IsGood);
        Assert.Contains("last 1 of", Assert.Single(package.Notices()), StringComparison.Ordinal);
        using var skipped = (ClipTextEncoder)package.LoadTextEncoder(ScalarType.Float32, CPU);
        Assert.True(skipped.Models[0].Parameters.Count < whole.Models[0].Parameters.Count);
    }

    [Fact]
    public void Open_TextualInversionBesideThePackage_IsRefusedByName()
    {
        Write("learned_embeds.safetensors", "");

        var error = Assert.Throws<ModelPackageException>(() => ModelPackage.Open(_package.Root));

        Assert.Contains("textual inversion", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void LoadUNet_OnlyAnotherVariant_NamesIt()
    {
        File.Move(_package.Path("unet/diffusion_pytorch_model.safetensors"), _package.Path("unet/diffusion_pytorch_model.non_ema.safetensors"));

        Assert.Contains("only the variant diffusion_pytorch_model.non_ema.safetensors", Problem("unet"), StringComparison.Ordinal);
    }

    [Fact]
    public void LoadUNet_WholeModelInOneFile_IsNamed()
    {
        using var scope = NewDisposeScope();
        Rewrite("unet/diffusion_pytorch_model.safetensors", (name, value) => ($"model.diffusion_model.{name}", value));

        Assert.Contains("a checkpoint of a whole model in one file", Problem("unet"), StringComparison.Ordinal);
    }

    [Fact]
    public void Verify_SeveralBrokenComponents_ReportsEach()
    {
        File.Delete(_package.Path("tokenizer/merges.txt"));
        Write("scheduler/scheduler_config.json", "{");

        Assert.Contains("merges.txt: the file is missing", Problem("tokenizer"), StringComparison.Ordinal);
        Assert.Contains("not the JSON that was expected", Problem("scheduler"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("tokenizer/tokenizer_config.json", "model_max_length", 100, "a text has 100 ids, text_encoder reads at most 77")]
    public void Verify_ComponentsOfDifferentModels_SaysWhatDoesNotFit(string file, string key, int value, string problem)
    {
        Change(file, config => config[key] = value);

        Assert.Contains(problem, Problem("package"), StringComparison.Ordinal);
    }

    [Fact]
    public void Verify_VocabularyBeyondTheTextEncoder_SaysWhatDoesNotFit()
    {
        Change("tokenizer/vocab.json", vocabulary => vocabulary["new"] = 754);

        Assert.Contains("ids up to 754, text_encoder knows 754", Problem("package"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task HashAsync_Package_IsTheHashOfSha256sumsList()
    {
        // cd tests/fixtures/sd1-micro && find . -name '*.json' -o -name '*.txt' -o -name '*pytorch_model.safetensors' -o -name 'model.safetensors' \
        //   | sed 's#^\./##' | grep -v expected | LC_ALL=C sort | xargs sha256sum | sha256sum
        var hash = await ModelPackage.Open(_package.Root).HashAsync(TestContext.Current.CancellationToken);

        Assert.Equal("55865dd04f39162a03080a43180a59a3d2942d891c300cffe1fb8295d87ef53c", hash);
    }

    [Fact]
    public async Task HashAsync_FileThatNoComponentReads_DoesNotCount()
    {
        var before = await ModelPackage.Open(_package.Root).HashAsync(TestContext.Current.CancellationToken);
        Write("README.md", "about");
        Assert.Equal(before, await ModelPackage.Open(_package.Root).HashAsync(TestContext.Current.CancellationToken));

        Change("vae/config.json", config => config["scaling_factor"] = 1.0);
        Assert.NotEqual(before, await ModelPackage.Open(_package.Root).HashAsync(TestContext.Current.CancellationToken));
    }

    private string Problem(string component) =>
        ModelPackage.Open(_package.Root).Verify().Components.Single(report => report.Name == component).Problem
        ?? throw new InvalidOperationException($"{component} has no problem.");

    private void Write(string file, string content) => File.WriteAllText(_package.Path(file), content);

    private void Change(string file, Action<JsonObject> change)
    {
        var json = JsonNode.Parse(File.ReadAllText(_package.Path(file)))!.AsObject();
        change(json);
        Write(file, json.ToJsonString());
    }

    private void Rewrite(string file, Func<string, Tensor, (string Name, Tensor Value)> change)
    {
        (string Name, Tensor Value)[] tensors;
        using (var source = SafetensorsFile.Open(_package.Path(file)))
        {
            tensors = [.. source.Entries.Keys.Select(name => change(name, source.ReadTensor(name)))];
        }

        using var stream = File.Create(_package.Path(file));
        SafetensorsWriter.Write(stream, tensors);
    }
}

using System.Text.Json.Nodes;
using Imagic.Diffusion.Clip;
using Imagic.Diffusion.Packages;
using Imagic.Diffusion.Schedulers;
using Imagic.Diffusion.SingleFile;
using Imagic.Diffusion.UNet;
using Imagic.Diffusion.Vae;
using Imagic.Diffusion.Weights;
using Imagic.Tests;
using static TorchSharp.torch;

namespace Imagic.Diffusion.Tests.SingleFile;

public sealed class SingleFileConverterTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private string Checkpoint => _folder.Path("checkpoint.safetensors");

    private string Package => _folder.Path("package");

    public void Dispose() => _folder.Dispose();

    // Keys of published files, as their makers' code names them.
    [Theory]
    [InlineData("sd1-micro", "model.diffusion_model.input_blocks.0.0.weight", "unet", "conv_in.weight")]
    [InlineData("sd1-micro", "model.diffusion_model.time_embed.2.bias", "unet", "time_embedding.linear_2.bias")]
    [InlineData("sd1-micro", "model.diffusion_model.input_blocks.1.0.in_layers.2.weight", "unet", "down_blocks.0.resnets.0.conv1.weight")]
    [InlineData("sd1-micro", "model.diffusion_model.input_blocks.1.1.transformer_blocks.0.attn2.to_k.weight", "unet", "down_blocks.0.attentions.0.transformer_blocks.0.attn2.to_k.weight")]
    [InlineData("sd1-micro", "model.diffusion_model.input_blocks.1.1.proj_in.weight", "unet", "down_blocks.0.attentions.0.proj_in.weight")]
    [InlineData("sd1-micro", "model.diffusion_model.input_blocks.2.0.op.weight", "unet", "down_blocks.0.downsamplers.0.conv.weight")]
    [InlineData("sd1-micro", "model.diffusion_model.input_blocks.3.0.skip_connection.weight", "unet", "down_blocks.1.resnets.0.conv_shortcut.weight")]
    [InlineData("sd1-micro", "model.diffusion_model.middle_block.1.transformer_blocks.0.ff.net.0.proj.weight", "unet", "mid_block.attentions.0.transformer_blocks.0.ff.net.0.proj.weight")]
    [InlineData("sd1-micro", "model.diffusion_model.middle_block.2.emb_layers.1.weight", "unet", "mid_block.resnets.1.time_emb_proj.weight")]
    [InlineData("sd1-micro", "model.diffusion_model.output_blocks.1.1.conv.weight", "unet", "up_blocks.0.upsamplers.0.conv.weight")] // no attention before it
    [InlineData("sd1-micro", "model.diffusion_model.output_blocks.3.0.out_layers.3.bias", "unet", "up_blocks.1.resnets.1.conv2.bias")]
    [InlineData("sd1-micro", "model.diffusion_model.out.2.weight", "unet", "conv_out.weight")]
    [InlineData("sd1-micro", "first_stage_model.encoder.down.0.downsample.conv.weight", "vae", "encoder.down_blocks.0.downsamplers.0.conv.weight")]
    [InlineData("sd1-micro", "first_stage_model.decoder.up.1.block.0.norm1.weight", "vae", "decoder.up_blocks.0.resnets.0.norm1.weight")] // counted from the other end
    [InlineData("sd1-micro", "first_stage_model.decoder.mid.attn_1.proj_out.bias", "vae", "decoder.mid_block.attentions.0.to_out.0.bias")]
    [InlineData("sd1-micro", "first_stage_model.quant_conv.weight", "vae", "quant_conv.weight")]
    [InlineData("sd1-micro", "cond_stage_model.transformer.text_model.encoder.layers.1.self_attn.q_proj.weight", "text_encoder", "text_model.encoder.layers.1.self_attn.q_proj.weight")]
    [InlineData("sd2-micro", "cond_stage_model.model.transformer.resblocks.2.mlp.c_proj.weight", "text_encoder", "text_model.encoder.layers.2.mlp.fc2.weight")]
    [InlineData("sd2-micro", "cond_stage_model.model.positional_embedding", "text_encoder", "text_model.embeddings.position_embedding.weight")]
    [InlineData("sd2-micro", "model.diffusion_model.output_blocks.1.2.conv.weight", "unet", "up_blocks.0.upsamplers.0.conv.weight")] // behind an attention
    [InlineData("sdxl-micro", "model.diffusion_model.label_emb.0.2.weight", "unet", "add_embedding.linear_2.weight")]
    [InlineData("sdxl-micro", "model.diffusion_model.middle_block.1.transformer_blocks.2.norm3.weight", "unet", "mid_block.attentions.0.transformer_blocks.2.norm3.weight")]
    [InlineData("sdxl-micro", "conditioner.embedders.1.model.ln_final.weight", "text_encoder_2", "text_model.final_layer_norm.weight")]
    public void Convert_KeyOfThePublicLayout_BecomesTheOneOfDiffusers(string fixture, string original, string component, string key)
    {
        var (tensors, _) = Convert(fixture);

        var stem = component.StartsWith("text", StringComparison.Ordinal) ? "model" : "diffusion_pytorch_model";
        using var file = SafetensorsFile.Open(Path.Combine(Package, component, stem + ".safetensors"));
        Assert.Equal(tensors.Single(tensor => tensor.Key == original).Value.bytes.ToArray(), file.ReadTensor(key).bytes.ToArray());
    }

    [Theory]
    [InlineData("sd1-micro", ScalarType.Float32)]
    [InlineData("sd2-micro", ScalarType.Float32)]
    [InlineData("sdxl-micro", ScalarType.Float32)]
    [InlineData("sd1-micro", ScalarType.Float16)]
    public void Convert_FileInTheOriginalLayout_GivesThePackagesTensorsBitForBit(string fixture, ScalarType dtype)
    {
        Convert(fixture, dtype);

        string[] texts = fixture == "sdxl-micro" ? ["text_encoder/model", "text_encoder_2/model"] : ["text_encoder/model"];
        foreach (var component in (string[])["unet/diffusion_pytorch_model", "vae/diffusion_pytorch_model", .. texts])
        {
            var expected = OriginalLayout.Read(new Fixture(fixture).Folder, component).Where(tensor => !tensor.Key.EndsWith("position_ids", StringComparison.Ordinal))
                .ToDictionary(tensor => tensor.Key, tensor => tensor.Value);
            var found = OriginalLayout.Read(Path.Combine(Package, component + ".safetensors"));
            Assert.Equal(expected.Keys.Order(), found.Select(tensor => tensor.Key).Order());
            Assert.All(found, tensor =>
            {
                Assert.Equal(expected[tensor.Key].shape, tensor.Value.shape);
                Assert.Equal(dtype, tensor.Value.dtype);
                Assert.Equal(expected[tensor.Key].to(dtype).bytes.ToArray(), tensor.Value.bytes.ToArray());
            });
        }
    }

    [Theory]
    [InlineData("sd1-micro")]
    [InlineData("sd2-micro")]
    [InlineData("sdxl-micro")]
    public void Convert_GivesAPackageThatIsWhole(string fixture)
    {
        Convert(fixture);

        Assert.All(ModelPackage.Open(Package).Verify().Components, component => Assert.Null(component.Problem));
    }

    // What shapes say; heads, groups and sizes are by rule, and those of micro packages follow none.
    [Theory]
    [InlineData("sd1-micro")]
    [InlineData("sd2-micro")]
    [InlineData("sdxl-micro")]
    public void Convert_ReadsTheConfigsFromTheShapes(string fixture)
    {
        Convert(fixture);

        Same("unet", ["block_out_channels", "layers_per_block", "cross_attention_dim", "in_channels", "out_channels", "down_block_types", "up_block_types", "use_linear_projection"]);
        Same("vae", ["block_out_channels", "layers_per_block", "latent_channels", "in_channels", "out_channels"]);
        string[] text = ["vocab_size", "hidden_size", "intermediate_size", "num_hidden_layers", "max_position_embeddings", "hidden_act", "architectures", "eos_token_id"];
        Same("text_encoder", text);
        if (fixture != "sdxl-micro") return;
        Same("text_encoder_2", [.. text, "projection_dim"]);
        Same("unet", ["transformer_layers_per_block", "addition_embed_type", "addition_time_embed_dim", "projection_class_embeddings_input_dim"]);
        Same("vae", ["scaling_factor", "force_upcast"]);

        void Same(string component, string[] keys)
        {
            var (expected, found) = (Config(new Fixture(fixture).Path(component, "config.json")), Config(Path.Combine(Package, component, "config.json")));
            Assert.All(keys, key => Assert.True(JsonNode.DeepEquals(expected[key], found[key]), $"{component} {key}: {found[key]}"));
        }
    }

    [Fact]
    public void Configs_OfTheShapesOfStableDiffusion15_AreItsOwn()
    {
        var fixture = new Fixture("sd15-config");
        WriteShapes(fixture, "cond_stage_model.transformer.", key => key);
        using var checkpoint = OriginalCheckpoint.Open(Checkpoint);

        var configs = new OriginalConfigs(checkpoint, PredictionType.Epsilon);

        Same("unet", configs.UNet());
        Same("vae", configs.Vae());
        Same("text_encoder", configs.Text(checkpoint.Family.Texts[0]));
        Same("scheduler", configs.Scheduler());

        void Same(string component, JsonObject found)
        {
            var expected = Config(fixture.Path(component, component == "scheduler" ? "scheduler_config.json" : "config.json"));
            string[] constant = ["_diffusers_version", "center_input_sample", "downsample_padding", "flip_sin_to_cos", "freq_shift", "mid_block_scale_factor", "norm_eps"];
            Assert.All(expected.Where(entry => !constant.Contains(entry.Key)), entry => Assert.True(JsonNode.DeepEquals(entry.Value, found[entry.Key]), $"{component} {entry.Key}: {found[entry.Key]}"));
        }
    }

    [Fact]
    public void Configs_OfStableDiffusion2_HaveHeadsOf64AndPredictV_UnlessTold()
    {
        var fixture = new Fixture("sd15-config");
        WriteShapes(fixture, "cond_stage_model.model.", key => key switch
        {
            _ when key.Contains("k_proj", StringComparison.Ordinal) || key.Contains("v_proj", StringComparison.Ordinal) => null,
            "text_model.embeddings.position_embedding.weight" => "positional_embedding",
            _ => key.Replace("text_model.embeddings.", "", StringComparison.Ordinal).Replace("text_model.encoder.layers", "transformer.resblocks", StringComparison.Ordinal)
                .Replace("fc1", "c_fc", StringComparison.Ordinal),
        });
        using var checkpoint = OriginalCheckpoint.Open(Checkpoint);

        var (v, epsilon) = (new OriginalConfigs(checkpoint, PredictionType.VPrediction), new OriginalConfigs(checkpoint, PredictionType.Epsilon));

        Assert.Equal("[5,10,20,20]", v.UNet()["attention_head_dim"]!.ToJsonString());
        Assert.Equal((96, 64), ((int)v.UNet()["sample_size"]!, (int)epsilon.UNet()["sample_size"]!));
        Assert.Equal((768, 512), ((int)v.Vae()["sample_size"]!, (int)epsilon.Vae()["sample_size"]!));
        Assert.Equal(("v_prediction", "epsilon"), ((string)v.Scheduler()["prediction_type"]!, (string)epsilon.Scheduler()["prediction_type"]!));
        Assert.Equal(11, (int)v.Text(checkpoint.Family.Texts[0])["num_hidden_layers"]!);
    }

    [Fact]
    public void Convert_OfStableDiffusion2_SaysWhatItTookThePredictionFor()
    {
        var (_, notices) = Convert("sd2-micro");

        Assert.Contains(notices, notice => notice.Contains("taken as v_prediction", StringComparison.Ordinal) && notice.Contains("--prediction", StringComparison.Ordinal));
        Assert.Contains(notices, notice => notice.Contains("model_ema", StringComparison.Ordinal));
        Assert.Equal(PredictionType.VPrediction, ModelPackage.Open(Package).LoadScheduler().PredictionType);
    }

    [Fact]
    public void Convert_OfXl_PadsTheSecondTextWithExclamationMarks()
    {
        Convert("sdxl-micro");

        var (first, second) = (ClipTokenizer.Load(Path.Combine(Package, "tokenizer")), ClipTokenizer.Load(Path.Combine(Package, "tokenizer_2")));
        var fixture = new Fixture("sdxl-micro");

        Assert.Equal(ClipTokenizer.Load(fixture.Path("tokenizer")).Encode("a dog").Ids, first.Encode("a dog").Ids);
        Assert.Equal(ClipTokenizer.Load(fixture.Path("tokenizer_2")).Encode("a dog").Ids, second.Encode("a dog").Ids);
        Assert.NotEqual(first.Encode("a dog").Ids, second.Encode("a dog").Ids);
        Assert.True(JsonNode.DeepEquals(Config(fixture.Path("model_index.json"))["text_encoder_2"], Config(Path.Combine(Package, "model_index.json"))["text_encoder_2"]));
    }

    [Fact]
    public void Convert_ProjectionOfALinearLayer_StaysAsItIs()
    {
        using var scope = NewDisposeScope();
        Write([.. OriginalLayout.Of(new Fixture("sdxl-micro").Folder).Select(tensor => tensor.Key.EndsWith(".text_projection", StringComparison.Ordinal) ? (tensor.Key + ".weight", tensor.Value.t().contiguous()) : tensor)]);

        SingleFileConverter.Convert(Checkpoint, Package, new Fixture("sdxl-micro").Path("tokenizer"), null, CancellationToken.None);

        var found = OriginalLayout.Read(Path.Combine(Package, "text_encoder_2/model.safetensors")).Single(tensor => tensor.Key == "text_projection.weight");
        var expected = OriginalLayout.Read(new Fixture("sdxl-micro").Folder, "text_encoder_2/model").Single(tensor => tensor.Key == "text_projection.weight");
        Assert.Equal(expected.Value.bytes.ToArray(), found.Value.bytes.ToArray());
    }

    public static TheoryData<string, string[]> Others => new()
    {
        { "it is a LoRA", ["lora_unet_down_blocks_0_attentions_0_proj_in.lora_down.weight"] },
        { "it is a LoRA", ["unet.down_blocks.0.attentions.0.transformer_blocks.0.attn1.to_q.lora_A.weight"] },
        { "it is a ControlNet", ["control_model.input_blocks.0.0.weight", "model.diffusion_model.input_blocks.0.0.weight"] },
        { "it is a ControlNet", ["controlnet_cond_embedding.conv_in.weight"] },
        { "a Flux model", ["model.diffusion_model.double_blocks.0.img_attn.qkv.weight"] },
        { "a Stable Diffusion 3 model", ["model.diffusion_model.joint_blocks.0.context_block.attn.qkv.weight"] },
        { "an SDXL refiner", ["model.diffusion_model.input_blocks.0.0.weight", "first_stage_model.quant_conv.weight", "conditioner.embedders.0.model.ln_final.weight"] },
        { "one component in the diffusers layout", ["down_blocks.0.resnets.0.conv1.weight"] },
        { "it has no UNet", ["first_stage_model.quant_conv.weight"] },
        { "it has no autoencoder (first_stage_model.*)", ["model.diffusion_model.input_blocks.0.0.weight", "cond_stage_model.transformer.text_model.final_layer_norm.weight"] },
        { "it has no text encoder", ["model.diffusion_model.input_blocks.0.0.weight", "first_stage_model.quant_conv.weight"] },
    };

    [Theory]
    [MemberData(nameof(Others))]
    public void Check_AnotherKindOfFile_NamesItsKind(string kind, string[] keys)
    {
        OriginalLayout.WriteHole(Checkpoint, keys.Select(key => (key, (long[])[4, 4, 3, 3])));

        var exception = Assert.Throws<ModelPackageException>(() => SingleFileConverter.Check(Checkpoint));

        Assert.Contains(kind, exception.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(9, "an inpainting model")]
    [InlineData(8, "reads 8 channels")]
    public void Check_UNetThatReadsMoreThanLatents_IsRefused(long channels, string kind)
    {
        OriginalLayout.WriteHole(Checkpoint, [("model.diffusion_model.input_blocks.0.0.weight", [320, channels, 3, 3]), ("first_stage_model.quant_conv.weight", [8, 8, 1, 1])]);

        Assert.Contains(kind, Assert.Throws<ModelPackageException>(() => SingleFileConverter.Check(Checkpoint)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("model.ckpt")]
    [InlineData("model.pt")]
    [InlineData("MODEL.BIN")]
    public void Check_Pickle_IsRefusedByNameAndUnread(string name)
    {
        var exception = Assert.Throws<ModelPackageException>(() => SingleFileConverter.Check(_folder.Path(name))); // which is not there

        Assert.Contains("it is a pickle", exception.Message, StringComparison.Ordinal);
        Assert.Contains(".safetensors", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Convert_WithAnotherVocabulary_SaysWhoseIsNeeded()
    {
        using var scope = NewDisposeScope();
        Write(OriginalLayout.Of(new Fixture("sd1-micro").Folder));

        var exception = Assert.Throws<ModelPackageException>(
            () => SingleFileConverter.Convert(Checkpoint, Package, new Fixture("sd2-micro").Path("tokenizer"), null, CancellationToken.None));

        Assert.Contains("has 714 words, the text encoder knows 754", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Convert_FileThatLacksATensor_IsFoundByVerify()
    {
        using var scope = NewDisposeScope();
        Write([.. OriginalLayout.Of(new Fixture("sd1-micro").Folder).Where(tensor => tensor.Key != "model.diffusion_model.out.0.bias")]);
        SingleFileConverter.Convert(Checkpoint, Package, new Fixture("sd1-micro").Path("tokenizer"), null, CancellationToken.None);

        var problem = ModelPackage.Open(Package).Verify().Components.Single(component => component.Problem is not null).Problem;

        Assert.Contains("'conv_norm_out.bias' is missing", problem, StringComparison.Ordinal);
    }

    private (List<(string Key, Tensor Value)> Tensors, IReadOnlyList<string> Notices) Convert(string fixture, ScalarType dtype = ScalarType.Float32)
    {
        var tensors = OriginalLayout.Of(new Fixture(fixture).Folder).ConvertAll(tensor => (tensor.Key, tensor.Value.is_floating_point() ? tensor.Value.to(dtype) : tensor.Value));
        Write(tensors);
        return (tensors, SingleFileConverter.Convert(Checkpoint, Package, new Fixture(fixture).Path("tokenizer"), null, CancellationToken.None));
    }

    private void Write(IReadOnlyList<(string Key, Tensor Value)> tensors) => SafetensorsWriter.WriteFile(Checkpoint, tensors);

    // The shapes that the models of a package's configs ask for, in the original layout.
    private void WriteShapes(Fixture fixture, string textPrefix, Func<string, string?> textKey)
    {
        using var unet = new ParameterSet(ScalarType.Float16, CPU);
        using var vae = new ParameterSet(ScalarType.Float16, CPU);
        using var text = new ParameterSet(ScalarType.Float16, CPU);
        _ = new UNet2DConditionModel(UNet2DConditionConfig.Read(fixture.Path("unet", "config.json")), unet);
        _ = new AutoencoderKL(AutoencoderKLConfig.Read(fixture.Path("vae", "config.json")), vae);
        _ = new ClipTextModel(ClipTextConfig.Read(fixture.Path("text_encoder", "config.json")), text);
        OriginalLayout.WriteHole(Checkpoint,
        [
            .. unet.Parameters.Select(parameter => ("model.diffusion_model." + OriginalLayout.UNet(parameter.Name, [false, true, true, true], resnets: 2), parameter.Shape)),
            .. vae.Parameters.Select(parameter => ("first_stage_model." + OriginalLayout.Vae(parameter.Name, levels: 4), parameter.Shape)),
            .. text.Parameters.Where(parameter => textKey(parameter.Name) is not null).Select(parameter => (textPrefix + textKey(parameter.Name), parameter.Shape)),
        ]);
    }

    private static JsonObject Config(string path) => JsonNode.Parse(File.ReadAllText(path))!.AsObject();
}

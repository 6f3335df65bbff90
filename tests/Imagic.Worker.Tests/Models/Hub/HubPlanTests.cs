using System.Text;
using Imagic.Contracts;
using Imagic.Worker.Models.Hub;

namespace Imagic.Worker.Tests.Models.Hub;

/// <summary>Of all that a repository holds, the files that a package is read from, each weight once.</summary>
public class HubPlanTests
{
    private const string Weights = "diffusion_pytorch_model";

    // What repositories hold beside: other formats, other variants, whole checkpoints, pictures.
    private static readonly string[] Clutter =
    [
        ".gitattributes", "v1-5-pruned.safetensors", "v1-5-pruned-emaonly.ckpt", "unet/diffusion_pytorch_model.bin", "unet/diffusion_pytorch_model.non_ema.safetensors",
        "unet/diffusion_flax_model.msgpack", "unet/model.onnx", "unet/sub/model.safetensors", "text_encoder/pytorch_model.fp16.bin", "text_encoder/openvino_model.xml",
        "other/model.safetensors", "samples/picture.png", "unet/evil\\..\\..\\config.json", "../outside.json",
    ];

    private static readonly string[] Files =
    [
        "scheduler/scheduler_config.json", "text_encoder/config.json", "text_encoder/model.safetensors", "tokenizer/merges.txt", "tokenizer/special_tokens_map.json",
        "tokenizer/tokenizer_config.json", "tokenizer/vocab.json", "unet/config.json", "unet/diffusion_pytorch_model.safetensors", "vae/config.json", "vae/diffusion_pytorch_model.safetensors",
    ];

    [Fact]
    public async Task Plan_OfACrowdedRepository_TakesEachWeightOnce_AndTheCard()
    {
        await using var place = await HubPlace.StartAsync(With([.. Clutter, "README.md", "LICENSE", "unet/diffusion_pytorch_model.fp16.safetensors"]));

        var plan = await place.PlanAsync();

        Assert.Equal(["LICENSE", "README.md", .. Files], plan.Files.Select(file => file.Path));
        Assert.Empty(plan.Notices);
    }

    [Theory]
    [InlineData("owner/one", null, "Pull both as one package: imagic models pull OWNER/STAGE-I OWNER/STAGE-II --name NAME")]
    [InlineData("owner/two", null, "'owner/two' is one stage of a cascade")]
    [InlineData("owner/two", "owner/one", "'owner/two' is not stage I of a cascade")]
    [InlineData("owner/one", "owner/one", "'owner/one' is not stage II of a cascade")]
    [InlineData("owner/one", HubPlace.Name, "its pipeline is StableDiffusionPipeline, expected IFSuperResolutionPipeline")]
    public async Task Plan_OfHalfACascade_IsRefusedWithWhatToDo(string one, string? two, string sentence)
    {
        await using var place = await HubPlace.StartAsync();
        place.PublishCascade();

        var refusal = await Assert.ThrowsAsync<BadInputException>(() => two is null ? place.PlanAsync(one) : place.PlanCascadeAsync(one, two));

        Assert.Contains(sentence, refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Plan_OfAVariant_TakesItWhereItIs_AndTellsWhereNot()
    {
        await using var place = await HubPlace.StartAsync(With("unet/diffusion_pytorch_model.fp16.safetensors", "vae/diffusion_pytorch_model.fp16.safetensors"));

        var plan = await place.PlanAsync(variant: "fp16");

        Assert.Equal(
            ["text_encoder/model.safetensors", "unet/diffusion_pytorch_model.fp16.safetensors", "vae/diffusion_pytorch_model.fp16.safetensors"],
            plan.Files.Select(file => file.Path).Where(path => path.EndsWith(".safetensors", StringComparison.Ordinal)));
        Assert.Contains("text_encoder", Assert.Single(plan.Notices), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("diffusion_pytorch_model.safetensors.index.json", "diffusion_pytorch_model-0000N-of-00002.safetensors", null)]
    [InlineData("diffusion_pytorch_model.safetensors.index.fp16.json", "diffusion_pytorch_model.fp16-0000N-of-00002.safetensors", "fp16")]
    [InlineData("diffusion_pytorch_model.safetensors.index.fp16.json", "diffusion_pytorch_model-0000N-of-00002.fp16.safetensors", "fp16")]
    public async Task Plan_OfShards_TakesTheIndexAndAllOfThem(string index, string shards, string? variant)
    {
        string[] expected = [index, shards.Replace('N', '1'), shards.Replace('N', '2')];
        // Those of the other kind lie beside.
        var more = With([.. expected.Select(name => $"unet/{name}"), variant is null ? $"unet/{Weights}.fp16-00001-of-00001.safetensors" : $"unet/{Weights}-00001-of-00001.safetensors"]);
        more[$"unet/{Weights}.safetensors"] = null;
        await using var place = await HubPlace.StartAsync(more);

        var plan = await place.PlanAsync(variant: variant);

        Assert.Equal(expected.Append("config.json").Order(StringComparer.Ordinal), plan.Files.Where(file => file.Path.StartsWith("unet/", StringComparison.Ordinal)).Select(file => file.Path[5..]));
    }

    [Fact]
    public async Task Plan_OfSdxl_HasBothTokenizersAndEncoders_AndTheSafetyCheckerWhereItIs()
    {
        var more = With(
            "text_encoder_2/config.json", "text_encoder_2/model.safetensors", "tokenizer_2/vocab.json", "tokenizer_2/merges.txt", "tokenizer_2/tokenizer_config.json",
            "safety_checker/config.json", "safety_checker/model.safetensors", "safety_checker/pytorch_model.bin", "feature_extractor/preprocessor_config.json");
        more["model_index.json"] = Index("\"text_encoder_2\": [\"transformers\", \"CLIPTextModelWithProjection\"], \"tokenizer_2\": [\"transformers\", \"CLIPTokenizer\"], "
            + "\"safety_checker\": [\"stable_diffusion\", \"StableDiffusionSafetyChecker\"], \"feature_extractor\": [\"transformers\", \"CLIPImageProcessor\"], \"image_encoder\": [null, null]");
        await using var place = await HubPlace.StartAsync(more);

        var plan = await place.PlanAsync();

        Assert.Equal(
            Files.Concat(more.Keys.Where(path => path is not ("model_index.json" or "safety_checker/pytorch_model.bin"))).Order(StringComparer.Ordinal),
            plan.Files.Select(file => file.Path));
    }

    [Fact]
    public async Task Plan_WhoseSafetyCheckerIsAPickle_GoesWithoutIt_AndTells()
    {
        var more = With("safety_checker/config.json", "safety_checker/pytorch_model.bin");
        more["model_index.json"] = Index("\"safety_checker\": [\"stable_diffusion\", \"StableDiffusionSafetyChecker\"]");
        await using var place = await HubPlace.StartAsync(more);

        var plan = await place.PlanAsync();

        Assert.Equal(Files, plan.Files.Select(file => file.Path));
        Assert.Contains("pytorch_model.bin", Assert.Single(plan.Notices), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Plan_OfPicklesAlone_IsRefusedWithTheirNamesAndWhy()
    {
        var more = With("unet/diffusion_pytorch_model.bin");
        more["unet/diffusion_pytorch_model.safetensors"] = null;
        await using var place = await HubPlace.StartAsync(more);

        await RefusedAsync(place, null, "unet", "diffusion_pytorch_model.bin", "pickles, which can run code");
    }

    [Fact]
    public async Task Plan_OfAWholeCheckpoint_IsRefusedByName()
    {
        var more = With("v1-5-pruned.safetensors");
        more["model_index.json"] = null;
        await using var place = await HubPlace.StartAsync(more);

        await RefusedAsync(place, null, "model_index.json", "v1-5-pruned.safetensors");
    }

    [Fact]
    public async Task Plan_WithoutAComponent_IsRefused()
    {
        await using var place = await HubPlace.StartAsync(new Dictionary<string, byte[]?> { ["vae/config.json"] = null, ["vae/diffusion_pytorch_model.safetensors"] = null });

        await RefusedAsync(place, null, "vae is named but not there");
    }

    [Theory]
    [InlineData("fp16", "no weights of the variant fp16")]
    [InlineData("ema", "--variant takes fp16")]
    public async Task Plan_OfAVariantThatIsNotThere_IsRefused(string variant, string why)
    {
        await using var place = await HubPlace.StartAsync();

        await RefusedAsync(place, variant, why);
    }

    private static async Task RefusedAsync(HubPlace place, string? variant, params string[] words)
    {
        var refusal = await Assert.ThrowsAsync<BadInputException>(() => place.PlanAsync(variant: variant));

        Assert.All(words, word => Assert.Contains(word, refusal.Message, StringComparison.Ordinal));
    }

    private static Dictionary<string, byte[]?> With(params string[] paths) => paths.ToDictionary(path => path, path => (byte[]?)Encoding.UTF8.GetBytes(path));

    private static byte[] Index(string more) => Encoding.UTF8.GetBytes(
        File.ReadAllText(Path.Combine(HubPlace.Fixture, "model_index.json")).Replace("\"safety_checker\": [\n    null,\n    null\n  ],", "", StringComparison.Ordinal)
            .Replace("\"feature_extractor\": [\n    null,\n    null\n  ],\n", "", StringComparison.Ordinal).Replace("\"image_encoder\": [\n    null,\n    null\n  ],\n", "", StringComparison.Ordinal)
            .TrimEnd().TrimEnd('}') + ", " + more + " }");
}

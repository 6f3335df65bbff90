using System.Text.Json.Nodes;
using Imagic.Diffusion.Packages;
using Imagic.Diffusion.UNet;
using static TorchSharp.torch;

namespace Imagic.Diffusion.Tests.Packages;

public sealed class TextEncoderTests
{
    private static readonly Fixture XL = new("sdxl-micro");

    [Fact]
    public void Encode_XL_GivesTheStatesAndThePooledStateOfDiffusers()
    {
        using var scope = NewDisposeScope();
        var text = Encode(XL.Folder, XL.Prompts);

        Relative.Close(XL.Recorded("text.prompt_embeds"), text.States, 1e-5, "text.prompt_embeds");
        Relative.Close(XL.Recorded("text.pooled"), text.Pooled!, 1e-5, "text.pooled");
    }

    [Fact]
    public void Encode_ConfigThatKnowsTheEndToken_PoolsAtTheFirstOne()
    {
        using var scope = NewDisposeScope();
        using var copy = new TemporaryFolder();
        copy.CopyFrom(XL.Folder);
        var vocabulary = JsonNode.Parse(File.ReadAllText(XL.Path("tokenizer_2", "vocab.json")))!;
        var config = JsonNode.Parse(File.ReadAllText(XL.Path("text_encoder_2", "config.json")))!;
        config["eos_token_id"] = vocabulary["<|endoftext|>"]!.GetValue<int>();
        File.WriteAllText(copy.Path("text_encoder_2/config.json"), config.ToJsonString());

        Relative.Close(XL.Recorded("text.pooled"), Encode(copy.Root, XL.Prompts).Pooled!, 1e-5, "text.pooled");
    }

    [Theory]
    [InlineData(true, 0)]
    [InlineData(false, 1)]
    public void EncodeNegative_OfNoText_IsZerosWhereThePackageSaysSo(bool forceZeros, int largest)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        using var copy = new TemporaryFolder();
        copy.CopyFrom(XL.Folder);
        var index = JsonNode.Parse(File.ReadAllText(XL.Path("model_index.json")))!;
        index["force_zeros_for_empty_prompt"] = forceZeros;
        File.WriteAllText(copy.Path("model_index.json"), index.ToJsonString());
        using var encoder = ModelPackage.Open(copy.Root).LoadTextEncoder(ScalarType.Float32, CPU);

        var (nothing, something) = (encoder.EncodeNegative(""), encoder.EncodeNegative("blurry"));

        Assert.All(nothing.Parts, part => Assert.Equal(largest, Math.Sign(part.abs().max().item<float>())));
        Assert.All(something.Parts, part => Assert.True(part.abs().max().item<float>() > 0));
    }

    private static TextEmbedding Encode(string package, string[] texts)
    {
        using var noGrad = no_grad();
        using var encoder = ModelPackage.Open(package).LoadTextEncoder(ScalarType.Float32, CPU);
        return encoder.Encode(texts);
    }
}

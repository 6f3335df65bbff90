using Imagic.Diffusion.Weights;

namespace Imagic.Diffusion.Tests.Weights;

public sealed class WeightKeysTests
{
    [Theory]
    [InlineData("text_model.final_layer_norm.bias", "text_model.final_layer_norm.bias")]
    [InlineData("final_layer_norm.bias", "text_model.final_layer_norm.bias")]
    [InlineData("text_model.embeddings.position_ids", null)]
    [InlineData("embeddings.position_ids", null)]
    [InlineData("encoder.layers.11.mlp.fc1.bias", "text_model.encoder.layers.11.mlp.fc1.bias")]
    [InlineData("text_model.encoder.layers.12.mlp.fc1.bias", null)]
    public void TextEncoder_Key_IsTheOneThatTheModelDeclares(string key, string? mapped) =>
        Assert.Equal(mapped, WeightKeys.TextEncoder(key, layers: 12));

    [Theory]
    [InlineData("encoder.mid_block.attentions.0.query.weight", "encoder.mid_block.attentions.0.to_q.weight")]
    [InlineData("encoder.mid_block.attentions.0.key.bias", "encoder.mid_block.attentions.0.to_k.bias")]
    [InlineData("decoder.mid_block.attentions.0.value.weight", "decoder.mid_block.attentions.0.to_v.weight")]
    [InlineData("decoder.mid_block.attentions.0.proj_attn.bias", "decoder.mid_block.attentions.0.to_out.0.bias")]
    [InlineData("decoder.mid_block.attentions.0.to_out.0.bias", "decoder.mid_block.attentions.0.to_out.0.bias")]
    [InlineData("decoder.conv_in.weight", "decoder.conv_in.weight")]
    public void Vae_Key_IsTheOneThatTheModelDeclares(string key, string mapped) => Assert.Equal(mapped, WeightKeys.Vae(key));
}

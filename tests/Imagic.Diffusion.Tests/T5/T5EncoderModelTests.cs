using Imagic.Diffusion.T5;
using Imagic.Diffusion.Weights;
using static TorchSharp.torch;

namespace Imagic.Diffusion.Tests.T5;

public sealed class T5EncoderModelTests
{
    private static readonly Fixture Cascade = new("if-cascade");

    [Fact]
    public void Encode_RecordedPrompts_GivesTheIdsOfTransformers()
    {
        using var ids = Cascade.Recorded("tok.ids");
        using var mask = Cascade.Recorded("tok.mask");
        var tokenizer = T5Tokenizer.Load(Cascade.Path("stage_1", "tokenizer"));
        var rows = ids.data<long>().ToArray().Chunk(77).Zip(mask.data<long>().ToArray().Chunk(77));

        Assert.All(Cascade.Prompts.Zip(rows), pair =>
        {
            var (actualIds, actualMask) = tokenizer.Encode(pair.First);
            Assert.Equal(pair.Second.First, actualIds);
            Assert.Equal(pair.Second.Second, actualMask);
        });
    }

    [Fact]
    public void Forward_RecordedIds_GivesTheStatesOfTransformers()
    {
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        using var model = new T5EncoderModel(
            T5Config.Read(Cascade.Path("stage_1", "text_encoder", "config.json")), new ParameterSet(ScalarType.Float32, CPU));
        using var file = SafetensorsFile.Open(Cascade.Path("stage_1", "text_encoder", "model.safetensors"));
        model.Parameters.Bind(new SafetensorsSource([file]));

        Relative.Close(
            Cascade.Recorded("text.last_hidden_state"), model.Forward(Cascade.Recorded("tok.ids"), Cascade.Recorded("tok.mask")),
            1e-5, "text.last_hidden_state");
    }
}

using Imagic.Diffusion.Clip;
using Imagic.Diffusion.Weights;
using static TorchSharp.torch;

namespace Imagic.Diffusion.Tests.Clip;

public sealed class ClipTextModelTests
{
    [Theory]
    [InlineData("sd1-micro", "tok.ids", "text.last_hidden_state")] // quick_gelu
    [InlineData("sd2-micro", "tok.ids", "text.last_hidden_state")] // gelu
    [InlineData("starter-64", "ids", "text_states")]
    public void Forward_RecordedIds_GivesTheStatesOfTransformers(string name, string ids, string states)
    {
        var fixture = new Fixture(name);
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        using var model = Load(fixture);

        Compare.Close(fixture.Recorded(states), model.Forward(fixture.Recorded(ids)), tolerance: 1e-5);
    }

    [Fact]
    public void Forward_LaterTokenChanges_EarlierStatesStay()
    {
        var fixture = new Fixture("sd1-micro");
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        using var model = Load(fixture);
        var ids = fixture.Recorded("tok.ids").narrow(0, 1, 1);
        var changed = ids.clone();
        changed[0, 5] = tensor(3L);

        var (before, after) = (model.Forward(ids), model.Forward(changed));

        Assert.True(before.narrow(1, 0, 5).equal(after.narrow(1, 0, 5)).all().item<bool>());
        Assert.False(before.narrow(1, 5, 1).equal(after.narrow(1, 5, 1)).all().item<bool>());
    }

    [Theory]
    [InlineData("""{ "hidden_act": "relu" }""", "hidden_act is relu, expected quick_gelu or gelu")]
    [InlineData("""{ "hidden_size": 10, "num_attention_heads": 3 }""", "num_attention_heads is 3, expected a divisor of hidden_size 10")]
    [InlineData("""{ "num_hidden_layers": 0 }""", "num_hidden_layers is 0, expected 1 to 128")]
    [InlineData("""{ "vocab_size": "many" }""", "not the JSON that was expected")]
    [InlineData("[1", "not the JSON that was expected")]
    public void ReadConfig_UnsupportedValue_NamesFileKeyAndValue(string json, string problem)
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder.Path("config.json"), json);

        var error = Assert.Throws<ModelPackageException>(() => ClipTextConfig.Read(folder.Path("config.json")));

        Assert.Contains(problem, error.Message, StringComparison.Ordinal);
        Assert.Equal(folder.Path("config.json"), error.File);
    }

    private static ClipTextModel Load(Fixture fixture)
    {
        var config = ClipTextConfig.Read(fixture.Path("text_encoder", "config.json"));
        var model = new ClipTextModel(config, new ParameterSet(ScalarType.Float32, CPU));
        using var file = SafetensorsFile.Open(fixture.Path("text_encoder", "model.safetensors"));
        model.Parameters.Bind(new SafetensorsSource([file], key => WeightKeys.TextEncoder(key, config.NumHiddenLayers)));
        return model;
    }
}

using Imagic.Diffusion.Clip;
using Imagic.Diffusion.Weights;
using Imagic.Lab.Train.Scorer;
using static Imagic.Diffusion.Scalars;
using static TorchSharp.torch;

namespace Imagic.Lab.Tests.Train.Scorer;

public sealed class ImageTextModelTests : IDisposable
{
    private const long End = 9;

    private readonly TorchSharp.DisposeScope _scope = NewDisposeScope();
    private readonly ImageTextModel _model = new(
        new([8, 8], new ClipTextConfig(VocabSize: 10, HiddenSize: 8, IntermediateSize: 16, NumHiddenLayers: 1, NumAttentionHeads: 2, MaxPositionEmbeddings: 5), EmbeddingSize: 6, NormNumGroups: 4),
        ScalarType.Float32, CPU);

    public ImageTextModelTests() => _model.Parameters.Bind(new RandomSource(2));

    public void Dispose()
    {
        _model.Dispose();
        _scope.Dispose();
    }

    [Fact]
    public void EmbedPictures_AndTexts_HaveLengthOne()
    {
        var pictures = _model.EmbedImages(randn([3, 3, 16, 16]));
        var texts = _model.EmbedTexts(tensor([8L, 1, End, End, End, 8, 2, 3, 4, End], [2, 5]));

        Assert.Equal([3, 6], pictures.shape);
        Assert.Equal([2, 6], texts.shape);
        Assert.All(cat([pictures, texts]).pow(Held(2)).sum(1).data<float>().ToArray(), length => Assert.Equal(1, length, 1e-5f));
    }

    [Fact]
    public void EmbedTexts_ReadsUpToTheFirstEndMark()
    {
        var padded = _model.EmbedTexts(tensor([8L, 1, End, End, End], [1, 5]));
        var other = _model.EmbedTexts(tensor([8L, 1, End, 3, 4], [1, 5]));
        var longer = _model.EmbedTexts(tensor([8L, 1, 2, End, End], [1, 5]));

        Assert.Equal(1, padded.mul(other).sum().item<float>(), 1e-5f);
        Assert.True(padded.mul(longer).sum().item<float>() < 0.999f);
    }

    [Fact]
    public void Logits_AreCosinesOverTheFirstTemperature_InTheirRowsAndColumns()
    {
        var pictures = tensor([1f, 0, 0, 1], [2, 2]);
        var texts = tensor([1f, 0, 0.6f, 0.8f], [2, 2]);

        var logits = _model.Logits(pictures, texts).data<float>().ToArray();

        Assert.All(new[] { 1f, 0.6f, 0, 0.8f }.Zip(logits), pair => Assert.Equal(pair.First / 0.07f, pair.Second, 1e-2f));
    }
}

using Imagic.Diffusion.Packages;
using Imagic.Diffusion.UNet;
using Imagic.Diffusion.Weights;
using Imagic.Tests;
using static Imagic.Diffusion.Scalars;
using static TorchSharp.torch;

namespace Imagic.Diffusion.Tests.UNet;

public class RecomputationTests
{
    [Theory]
    [InlineData("sd1-micro", 12, 16, true)]
    [InlineData("sd1-micro", 11, 13, true)]
    [InlineData("sd1-micro", 12, 16, false)]
    [InlineData("sd2-micro", 12, 16, true)]
    [InlineData("sd2-micro", 12, 16, false)]
    [InlineData("sdxl-micro", 12, 16, true)]
    [InlineData("sdxl-micro", 12, 16, false)]
    public void Backward_GivesTheBitsOfTheWholeGraph(string package, long height, long width, bool tuned)
    {
        using var scope = NewDisposeScope();
        using var unet = ModelPackage.Open(RepositoryFiles.Fixture(package)).LoadUNet(ScalarType.Float32, CPU);

        var whole = Gradients(unet, height, width, tuned, null);
        using var recomputation = new Recomputation();
        var pieces = Gradients(unet, height, width, tuned, recomputation);

        Assert.Equal(whole.Select(gradient => gradient.Name), pieces.Select(gradient => gradient.Name));
        Assert.All(whole.Zip(pieces), pair =>
        {
            Assert.True(pair.First.Value.abs().max().item<float>() > 0 || !pair.First.Name.StartsWith("text", StringComparison.Ordinal), pair.First.Name);
            Assert.True(pair.First.Value.eq(pair.Second.Value).all().item<bool>(), $"{pair.First.Name}: {(pair.First.Value - pair.Second.Value).abs().max().item<float>()}");
        });
    }

    private static List<(string Name, Tensor Value)> Gradients(UNet2DConditionModel unet, long height, long width, bool tuned, Recomputation? recomputation)
    {
        using var generator = new Generator(4);
        var sample = randn([2, 4, height, width], dtype: ScalarType.Float32, generator: generator).requires_grad_();
        var states = randn([1, 77, unet.Config.CrossAttentionDim], dtype: ScalarType.Float32, generator: generator).requires_grad_();
        TextEmbedding text = new(states);
        Tensor? timeIds = null;
        if (unet.Config.AddsTextAndTime)
        {
            text = text with { Pooled = randn([1, 24], dtype: ScalarType.Float32, generator: generator).requires_grad_() };
            timeIds = tensor([24f, 32, 0, 0, 24, 32], [1, 6]);
        }

        if (tuned) unet.Parameters.TrackGradients();
        var estimate = unet.Forward(sample, full(2, Held(500), dtype: ScalarType.Int64), text, timeIds, recomputation: recomputation);
        var value = estimate.detach();
        var loss = nn.functional.mse_loss(estimate, sample.detach());
        loss.backward();
        recomputation?.Backward();
        List<(string, Tensor)> gradients =
        [
            ("estimate", value), ("sample", sample.grad!), .. text.Parts.Select((part, i) => ($"text {i}", part.grad!)),
            .. tuned ? unet.Parameters.Parameters.Select(parameter => (parameter.Name, ParameterSet.View(unet.Parameters.FlatGrad, parameter).clone())) : [],
        ];
        unet.Parameters.StopTrackingGradients();
        return gradients;
    }
}

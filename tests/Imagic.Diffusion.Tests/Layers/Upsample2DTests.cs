using Imagic.Diffusion.Layers;
using Imagic.Diffusion.Weights;
using TorchSharp;
using static TorchSharp.torch;

namespace Imagic.Diffusion.Tests.Layers;

public sealed class Upsample2DTests
{
    [Theory]
    [InlineData(3, 4, 6, 8)]
    [InlineData(3, 4, 5, 7)] // on the way down 5 x 7 became 3 x 4
    [InlineData(1, 5, 1, 9)]
    public void Forward_SizeOfTheSkip_RepeatsNearestPixelsAndConvolves(int height, int width, int toHeight, int toWidth)
    {
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        using var parameters = new ParameterSet(ScalarType.Float32, CPU);
        var upsampler = new Upsample2D(parameters.Root, channels: 2);
        parameters.Bind(new RandomSource(seed: 1));
        var x = randn(1, 2, height, width);

        // As diffusers: pixel i of n becomes pixel ⌊i·m/n⌋ of m, and the convolution sees the enlarged picture.
        var rows = Enumerable.Range(0, toHeight).Select(row => (long)(row * height / toHeight)).ToArray();
        var columns = Enumerable.Range(0, toWidth).Select(column => (long)(column * width / toWidth)).ToArray();
        var enlarged = x.index_select(2, tensor(rows)).index_select(3, tensor(columns));
        var weight = ParameterSet.View(parameters.Flat, parameters.Parameters.Single(parameter => parameter.Name == "conv.weight"));

        Relative.Close(
            nn.functional.conv2d(enlarged, weight, padding: [1, 1]), upsampler.Forward(x, toHeight, toWidth), 1e-6, "enlarged");
    }
}

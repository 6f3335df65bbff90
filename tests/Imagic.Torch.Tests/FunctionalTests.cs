using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn.functional;

namespace Imagic.Torch.Tests;

public class FunctionalTests
{
    [Fact]
    public void Linear_IsTheProductWithTheTransposedWeightPlusBias()
    {
        using var scope = NewDisposeScope();
        var weight = tensor([1f, 2, 3, 4, 5, 6], [3, 2]);

        TensorAssert.Elements([3f, 7, 11], linear(ones(1, 1, 2), weight));
        TensorAssert.Elements([4f, 9, 14], linear(ones(1, 2), weight, tensor([1f, 2, 3])));
    }

    [Fact]
    public void Conv2d_OfOnes_CountsWhatTheKernelCovers()
    {
        using var scope = NewDisposeScope();
        var (image, kernel) = (ones(1, 1, 3, 3), ones(2, 1, 3, 3));

        TensorAssert.Elements([9f, 9], conv2d(image, kernel));
        TensorAssert.Elements([4f, 6, 4, 6, 9, 6, 4, 6, 4], conv2d(image, kernel, padding: [1, 1])[0, 0]);
        TensorAssert.Elements([5f, 5, 5, 5], conv2d(image, kernel, tensor([1f, 2]), [2, 2], [1, 1])[0, 0]);
        TensorAssert.Elements([4f, 2, 4, 2, 1, 2, 4, 2, 4],
            conv2d(image.repeat(1, 2, 1, 1), kernel, padding: [2, 2], dilation: [2, 2], groups: 2)[0, 1]);
    }

    [Fact]
    public void Norms_CentreAndScale()
    {
        using var scope = NewDisposeScope();
        var x = randn(2, 6, 4, 4, generator: new Generator(1)) * 3 + 5;

        var groups = group_norm(x, 3).view(2, 3, -1);
        TensorAssert.Close(zeros(2, 3), groups.mean([2]), 1e-4);
        TensorAssert.Close(ones(2, 3), groups.std(2, unbiased: false), 1e-4);
        TensorAssert.Close(group_norm(x, 3) * 2 + 1, group_norm(x, 3, full(6, 2f), full(6, 1f)));
        var rows = layer_norm(x, [4, 4]);
        TensorAssert.Close(zeros(2, 6), rows.mean([2, 3]), 1e-4);
        TensorAssert.Close(rows * 2, layer_norm(x, [4, 4], full([4, 4], 2f)));
    }

    [Fact]
    public void Activations_OfKnownValues()
    {
        using var scope = NewDisposeScope();
        var x = tensor([-1f, 0, 2]);

        TensorAssert.Close(tensor([-0.26894142f, 0, 1.7615942f]), silu(x));
        TensorAssert.Close(tensor([-0.15865529f, 0, 1.9544997f]), gelu(x));
        TensorAssert.Close(tensor([-0.15880801f, 0, 1.9545977f]), gelu(x, GELU.Approximate.tanh));
        TensorAssert.Close(tensor([0.26894142f, 0.5f, 0.88079708f]), nn.functional.sigmoid(x));
        TensorAssert.Close(tensor([0.04201007f, 0.11419519f, 0.84379473f]), nn.functional.softmax(x, 0));
        TensorAssert.Close(x.softmax(0).log(), log_softmax(x, 0));
        TensorAssert.Elements([0f, 0, 2], relu(x));
        Assert.Same(x, silu(x, inplace: true));
    }

    [Fact]
    public void Losses_ReduceAsTold()
    {
        using var scope = NewDisposeScope();
        var (x, y) = (tensor([1f, 2]), tensor([3f, 6]));

        Assert.Equal(10f, mse_loss(x, y).item<float>());
        Assert.Equal(20f, mse_loss(x, y, nn.Reduction.Sum).item<float>());
        TensorAssert.Elements([4f, 16], mse_loss(x, y, nn.Reduction.None));
        Assert.Equal(3f, l1_loss(x, y).item<float>());
        Assert.Equal(MathF.Log(2), cross_entropy(zeros(1, 2), tensor([1L])).item<float>(), 1e-6f);
    }

    [Fact]
    public void Pad_FillsFromTheLastDimension()
    {
        using var scope = NewDisposeScope();
        var x = tensor([1f, 2, 3, 4], [1, 1, 2, 2]);

        TensorAssert.Elements([1f, 2, 7, 3, 4, 7], pad(x, [0, 1], value: 7));
        TensorAssert.Elements([3f, 4, 1, 2, 3, 4], pad(x, [0, 0, 1, 0], PaddingModes.Reflect));
        TensorAssert.Elements([1f, 1, 2, 3, 3, 4], pad(x, [1, 0, 0, 0], PaddingModes.Replicate));
        TensorAssert.Elements([2f, 1, 2, 4, 3, 4], pad(x, [1, 0, 0, 0], PaddingModes.Circular));
    }

    [Fact]
    public void Interpolate_ByFactorOrToSize()
    {
        using var scope = NewDisposeScope();
        var x = tensor([1f, 3], [1, 1, 1, 2]);

        TensorAssert.Elements([1f, 1, 3, 3, 1, 1, 3, 3], interpolate(x, scale_factor: [2, 2]));
        TensorAssert.Elements([1f, 2, 3],
            interpolate(x, [1, 3], mode: InterpolationMode.Bilinear, align_corners: true));
        TensorAssert.Elements([1f, 1.5f, 2.5f, 3], interpolate(x, [1, 4], mode: InterpolationMode.Bilinear));
        Assert.Equal([1L, 1, 4, 4], interpolate(x, [4, 4], mode: InterpolationMode.Bicubic, antialias: true).shape);
        TensorAssert.Elements([2f], interpolate(x, [1, 1], mode: InterpolationMode.Bilinear, antialias: true));
    }

    [Fact]
    public void Dropout_OutsideTraining_DoesNothing()
    {
        using var scope = NewDisposeScope();
        var x = ones(100);

        TensorAssert.Close(x, dropout(x, training: false));
        TensorAssert.Elements([0f, 2], dropout(x).sort().Values[TensorIndex.Tensor(tensor([0L, 99]))]);
    }
}

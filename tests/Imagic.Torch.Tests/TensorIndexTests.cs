using static TorchSharp.torch;

namespace Imagic.Torch.Tests;

public class TensorIndexTests
{
    [Fact]
    public void Index_ReadsAsInPython()
    {
        using var scope = NewDisposeScope();
        var x = arange(24).view(2, 3, 4);

        Assert.Equal(23, x[1, 2, 3].item<long>());
        Assert.Equal(23, x[-1, -1, -1].item<long>());
        TensorAssert.Elements([12L, 13, 14, 15], x[1, 0]);
        TensorAssert.Elements([3L, 7, 11], x[0, .., ^1]);
        TensorAssert.Elements([1L, 2], x[0, 0, 1..3]);
        TensorAssert.Elements([1L, 2, 3], x[0, 0, 1..]);
        TensorAssert.Elements([2L, 3], x[0, 0, ^2..]);
        Assert.Equal([0L], x[0, 0, ^0..].shape);
        TensorAssert.Elements([0L, 2], x[0, 0, TensorIndex.Slice(step: 2)]);
        TensorAssert.Elements([0L, 12], x[TensorIndex.Colon, 0, 0]);
        TensorAssert.Elements([0L, 12], x[.., 0, 0]);
        TensorAssert.Elements([3L, 7, 11, 15, 19, 23], x[TensorIndex.Ellipsis, 3]);
        Assert.Equal([1L, 2, 3, 4], x[TensorIndex.None].shape);
        Assert.Equal([2L, 1, 3, 4], x[.., TensorIndex.Null].shape);
        TensorAssert.Elements([4L, 0], x[0, TensorIndex.Tensor(tensor([1L, 0])), 0]);
        TensorAssert.Elements([20L, 21, 22, 23], x[x > 19]);
        Assert.Equal([0L, 2, 3, 4], x[TensorIndex.Bool(false)].shape);
    }

    [Fact]
    public void Index_WritesThrough()
    {
        using var scope = NewDisposeScope();
        var x = zeros(2, 3);

        x[0, 1] = tensor(5f);
        x[1] = arange(3, dtype: float32);
        x[.., 2] = tensor([8f, 9]);
        x.index_put_(7, 1, 0);
        x[x > 8] = tensor(-1f);

        TensorAssert.Elements([0f, 5, 8, 7, 1, -1], x);
    }

    [Fact]
    public void Index_OutOfRange_Throws()
    {
        using var x = zeros(2);

        Assert.Throws<System.Runtime.InteropServices.ExternalException>(() => x[2]);
        Assert.Throws<System.Runtime.InteropServices.ExternalException>(() => x[^0, ..]);
    }
}

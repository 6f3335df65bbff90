using static TorchSharp.torch;

namespace Imagic.Torch.Tests;

public class TensorAccessorTests
{
    [Fact]
    public void ToArray_OfATransposedTensor_IsInItsOrder()
    {
        using var scope = NewDisposeScope();
        var x = arange(6).view(2, 3).t();

        Assert.Equal([0L, 3, 1, 4, 2, 5], x.data<long>().ToArray());
        Assert.Equal(6, x.data<long>().Count);
        Assert.Equal(15, x.data<long>().Sum());
    }

    [Fact]
    public void CopyFrom_WritesThroughAnyStrides()
    {
        using var scope = NewDisposeScope();
        var x = zeros([2, 2], int64);

        x.t().data<long>().CopyFrom([1, 2, 3, 4]);

        TensorAssert.Elements([1L, 3, 2, 4], x);
    }

    [Fact]
    public void CopyTo_TakesAPart()
    {
        using var scope = NewDisposeScope();
        var target = new float[4];

        arange(9, dtype: float32).data<float>().CopyTo(target, arrayIndex: 1, tensorIndex: 4);

        Assert.Equal([0f, 4, 5, 6], target);
    }

    [Fact]
    public void Data_OfAnotherType_IsRefused()
    {
        using var x = zeros(2);

        var error = Assert.Throws<ArgumentException>(() => x.data<double>());

        Assert.Equal("A tensor of Float32 cannot be read as Double.", error.Message);
    }
}

using static TorchSharp.torch;

namespace Imagic.Torch.Tests;

public class CreationTests
{
    [Fact]
    public void Arange_OfIntegers_IsInteger()
    {
        using var scope = NewDisposeScope();

        TensorAssert.Elements([0L, 1, 2], arange(3));
        TensorAssert.Elements([2L, 4, 6], arange(2, 8, 2));
        TensorAssert.Elements([0f, 0.5f, 1, 1.5f], arange(0, 2, 0.5));
        TensorAssert.Elements([0f, 1, 2], arange(3, dtype: float32));
    }

    [Fact]
    public void Linspace_HasBothEnds()
    {
        using var x = linspace(-1, 1, 5);

        TensorAssert.Elements([-1f, -0.5f, 0, 0.5f, 1], x);
    }

    [Fact]
    public void Full_WithoutADtype_TakesTheValuesKind()
    {
        using var scope = NewDisposeScope();

        Assert.Equal(float32, full(2, 1.5f).dtype);
        Assert.Equal(float32, full(2, 1.5).dtype);
        Assert.Equal(int64, full([2, 2], 3).dtype);
        Assert.Equal(@bool, full(2, true).dtype);
        TensorAssert.Elements([3f, 3], full(2, 3, float32));
    }

    [Fact]
    public void Tensor_OfAnArray_CopiesIt()
    {
        using var scope = NewDisposeScope();
        float[] source = [1, 2, 3, 4, 5, 6];

        var x = tensor(source, [2, 3]);
        source[0] = 9;

        Assert.Equal([2L, 3], x.shape);
        TensorAssert.Elements([1f, 2, 3, 4, 5, 6], x);
        Assert.Equal(float64, tensor([1.0, 2]).dtype);
        Assert.Equal(int64, tensor([1L, 2]).dtype);
        Assert.Equal(float32, tensor([1L, 2], float32).dtype);
        Assert.Equal(float16, tensor([(Half)1]).dtype);
        Assert.Equal([0L], tensor(Array.Empty<float>()).shape);
        Assert.Empty(tensor(1f).shape);
    }

    [Fact]
    public void Tensor_OfTheWrongNumberOfElements_SaysHowMany()
    {
        var error = Assert.Throws<ArgumentException>(() => tensor([1f, 2, 3], [2, 2]));

        Assert.Equal("A tensor of shape (2, 2) takes 4 elements, not 3.", error.Message);
    }

    [Fact]
    public void Like_TakesShapeAndTypeUnlessTold()
    {
        using var scope = NewDisposeScope();
        var x = ones([2, 3], int64);

        TensorAssert.Elements([0L, 0, 0, 0, 0, 0], zeros_like(x));
        Assert.Equal(float32, ones_like(x, float32).dtype);
        Assert.Equal([2L, 3], empty_like(x).shape);
        Assert.Equal(7, full_like(x, 7).max().item<long>());
    }

    [Fact]
    public void RequiresGrad_MakesALeaf()
    {
        using var x = zeros(2, requires_grad: true);

        Assert.True(x.requires_grad && x.is_leaf);
    }

    [Fact]
    public void Eye_IsSquareUnlessTold()
    {
        using var scope = NewDisposeScope();

        TensorAssert.Elements([1f, 0, 0, 1], eye(2));
        Assert.Equal([2L, 3], eye(2, 3).shape);
    }

    [Fact]
    public void NamedDimensions_AreRefused() => Assert.Throws<NotSupportedException>(() => zeros(2, names: ["x"]));
}

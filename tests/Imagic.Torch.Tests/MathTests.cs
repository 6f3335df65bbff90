using TorchSharp;
using static TorchSharp.torch;

namespace Imagic.Torch.Tests;

public class MathTests
{
    public static TheoryData<string, double> Values => new()
    {
        { "abs", 0.7 }, { "neg", 0.7 }, { "exp", Math.Exp(-0.7) }, { "square", 0.49 }, { "reciprocal", -1 / 0.7 },
        { "sin", Math.Sin(-0.7) }, { "cos", Math.Cos(-0.7) }, { "tan", Math.Tan(-0.7) }, { "atan", Math.Atan(-0.7) },
        { "tanh", Math.Tanh(-0.7) }, { "sigmoid", 1 / (1 + Math.Exp(0.7)) }, { "relu", 0 }, { "erf", -0.6778011938 },
        { "expm1", Math.Exp(-0.7) - 1 }, { "log1p", Math.Log(0.3) }, { "floor", -1 }, { "ceil", 0 }, { "trunc", 0 },
        { "sign", -1 }, { "silu", -0.7 / (1 + Math.Exp(0.7)) },
    };

    /// <summary>Each by name on -0.7, and its in-place twin.</summary>
    [Theory]
    [MemberData(nameof(Values))]
    public void Pointwise_OfOneNumber_IsTheFunction(string name, double expected)
    {
        using var scope = NewDisposeScope();
        var x = tensor(-0.7);

        Assert.Equal(expected, Call(name).item<double>(), 1e-9);
        if (typeof(Tensor).GetMethod(name + "_", []) is not null)
        {
            Assert.Same(x, Call(name + "_"));
            Assert.Equal(expected, x.item<double>(), 1e-9);
        }

        Tensor Call(string method) => (Tensor)typeof(Tensor).GetMethod(method, [])!.Invoke(x, null)!;
    }

    [Fact]
    public void Pointwise_OfPositiveNumbers()
    {
        using var scope = NewDisposeScope();
        var x = tensor([1.0, 4, 16]);

        TensorAssert.Close(tensor([1.0, 2, 4]), x.sqrt());
        TensorAssert.Close(tensor([1, 0.5, 0.25]), x.rsqrt());
        TensorAssert.Close(tensor([0.0, 2, 4]), x.log2());
        TensorAssert.Close(tensor([0, Math.Log10(4), Math.Log10(16)]), x.log10());
        TensorAssert.Close(tensor([0, Math.Log(4), Math.Log(16)]), x.log());
        TensorAssert.Close(tensor([1.0, 16, 256]), x.pow(2));
        TensorAssert.Close(tensor([1.2, 4.3]), tensor([1.24, 4.26]).round(1));
        TensorAssert.Elements([2f, 2, -0f], tensor([1.5f, 2.5f, -0.5f]).round());
    }

    [Fact]
    public void Operators_WithTensorsAndNumbers_OnBothSides()
    {
        using var scope = NewDisposeScope();
        var x = tensor([2f, 4]);
        var y = tensor([1f, -1]);

        TensorAssert.Elements([3f, 3], x + y);
        TensorAssert.Elements([1f, 5], x - y);
        TensorAssert.Elements([2f, -4], x * y);
        TensorAssert.Elements([2f, -4], x / y);
        TensorAssert.Elements([-2f, -4], -x);
        TensorAssert.Elements([3f, 5], x + 1);
        TensorAssert.Elements([3f, 5], 1L + x);
        TensorAssert.Elements([1.5f, 3.5f], x - 0.5);
        TensorAssert.Elements([-1f, -3], 1f - x);
        TensorAssert.Elements([6f, 12], 3 * x);
        TensorAssert.Elements([1f, 2], x / 2.0);
        TensorAssert.Elements([0.5f, 0.25f], 1 / x);
        TensorAssert.Elements([2f, 1], x % 3);
        TensorAssert.Elements([false, true], x > 2);
        TensorAssert.Elements([true, false], x <= 2);
        TensorAssert.Elements([true, true], x >= y);
        TensorAssert.Elements([true, false], 3 > x);
        TensorAssert.Elements([false, false], x < y);
        TensorAssert.Elements([false, true], (x > 2) & (y < 0));
        TensorAssert.Elements([true, true], (x > 2) | ~(y < 0));
        TensorAssert.Elements([false, false], (x > 2) ^ (y < 0));
    }

    [Fact]
    public void Comparisons_AndLogic()
    {
        using var scope = NewDisposeScope();
        var x = tensor([1L, 2, 3]);

        TensorAssert.Elements([false, true, false], x.eq(2));
        TensorAssert.Elements([true, false, true], x.ne(2));
        TensorAssert.Elements([true, true, false], x.le(tensor([1L, 3, 2])));
        TensorAssert.Elements([true, false, false], x.lt(2).logical_and(x.gt(0)));
        TensorAssert.Elements([false, true, true], x.lt(2).logical_not());
        TensorAssert.Elements([false, true, false], tensor([1f, float.NaN, float.PositiveInfinity]).isnan());
        TensorAssert.Elements([true, false, false], tensor([1f, float.NaN, float.PositiveInfinity]).isfinite());
        TensorAssert.Elements([false, false, true], tensor([1f, float.NaN, float.PositiveInfinity]).isinf());
        TensorAssert.Elements([true, false, true], x.equal(tensor([1L, 3, 3])));
        Assert.True(x.@float().allclose(x.@float() + 1e-6));
        Assert.False(x.@float().allclose(x.@float() + 1e-2));
    }

    [Fact]
    public void InPlace_ChangesTheTensorItself()
    {
        using var scope = NewDisposeScope();
        var x = tensor([1f, 2]);

        var same = x.add_(1).sub_(tensor([0f, 1])).mul_(3).div_(2).add_(tensor([2f, 2]), 0.5).pow_(2);

        Assert.Same(x, same);
        TensorAssert.Elements([16f, 16], x);
        TensorAssert.Elements([1f, -1], tensor([3f, -3]).clamp_(-1, 1));
        TensorAssert.Elements([2f, 5], tensor([0f, 4]).lerp_(tensor([4f, 6]), tensor(0.5f)));
        TensorAssert.Elements([7f, 2], tensor([1f, 2]).masked_fill_(tensor([true, false]), 7));
        TensorAssert.Elements([7f, 10], tensor([1f, 2]).addcmul_(tensor([1f, 2]), tensor([3f, 2]), 2));
        TensorAssert.Elements([2f, 3], tensor([1f, 2]).addcdiv_(tensor([1f, 2]), tensor([1f, 2])));
    }

    [Fact]
    public void Division_Rounds()
    {
        using var scope = NewDisposeScope();
        var x = tensor([-7f, 7]);

        TensorAssert.Elements([-3.5f, 3.5f], x.div(2));
        TensorAssert.Elements([-3f, 3], x.div(2, RoundingMode.trunc));
        TensorAssert.Elements([-4f, 3], x.div(tensor(2f), RoundingMode.floor));
        TensorAssert.Elements([-4f, 3], x.div_(2, RoundingMode.floor));
    }

    [Fact]
    public void ThreeOperands()
    {
        using var scope = NewDisposeScope();
        var x = tensor([0f, 10]);

        TensorAssert.Elements([1f, 12.5f], x.lerp(tensor([4f, 20]), tensor(0.25f)));
        TensorAssert.Elements([2f, 5], x.clamp(2, 5));
        TensorAssert.Elements([0f, 5], x.clamp(max: 5));
        TensorAssert.Elements([1f, 6], x.clamp(tensor([1f, 2]), tensor([5f, 6])));
        TensorAssert.Elements([0f, -1], x.where(x.lt(5), tensor(-1f)));
        TensorAssert.Elements([1f, 10], where(x.eq(0), tensor(1f), x));
        TensorAssert.Elements([10f], x.masked_select(x > 1));
        TensorAssert.Elements([1f, 10], x.maximum(tensor(1f)));
        TensorAssert.Elements([0f, 1], x.minimum(tensor(1f)));
    }

    [Fact]
    public void MatrixProducts_OfEveryRank()
    {
        using var scope = NewDisposeScope();
        var x = tensor([1f, 2, 3, 4], [2, 2]);
        var vector = tensor([1f, -1]);

        TensorAssert.Elements([7f, 10, 15, 22], x.matmul(x));
        TensorAssert.Elements([7f, 10, 15, 22], x.mm(x));
        TensorAssert.Elements([-1f, -1], x.matmul(vector));
        TensorAssert.Elements([5f], x[0].dot(x[0]).view(1));
        TensorAssert.Elements([1f, -1, -1, 1], vector.outer(vector));
        TensorAssert.Elements([7f, 10, 15, 22, 7, 10, 15, 22], x.expand(2, 2, 2).bmm(x.expand(2, 2, 2)));
        TensorAssert.Elements([7f, 10, 15, 22], x.expand(2, 2, 2).matmul(x)[1]);
        TensorAssert.Elements([15f, 22, 33, 48], x.addmm(x, x, beta: 1, alpha: 2));
        TensorAssert.Elements([9f, 14, 21, 30], x.view(1, 2, 2).baddbmm(x.view(1, 2, 2), x.view(1, 2, 2), beta: 2));
        TensorAssert.Elements([5f, 25], einsum("ij,ij->i", x, x));
    }

    [Fact]
    public void Triangles()
    {
        using var scope = NewDisposeScope();
        var x = ones(2, 3);

        TensorAssert.Elements([1f, 0, 0, 1, 1, 0], x.tril());
        TensorAssert.Elements([0f, 1, 1, 0, 0, 1], x.triu(1));
        TensorAssert.Elements([1f, 0, 0, 1, 1, 0], x.tril_());
    }

    [Fact]
    public void Reductions_OverAllOrSomeDimensions()
    {
        using var scope = NewDisposeScope();
        var x = tensor([1f, 2, 3, 4, 5, 9], [2, 3]);

        Assert.Equal(24f, x.sum().item<float>());
        TensorAssert.Elements([6f, 18], x.sum(1));
        TensorAssert.Elements([24f], x.sum([0, 1], keepdim: true).view(1));
        TensorAssert.Elements([2f, 6], x.mean([1]));
        Assert.Equal(4f, x.mean().item<float>());
        Assert.Equal(1080f, x.prod().item<float>());
        TensorAssert.Close(tensor([1f, MathF.Sqrt(7)]), x.std(1));
        TensorAssert.Close(tensor([2f / 3, 14f / 3]), x.var(1, unbiased: false));
        Assert.Equal(8f, x.var().item<float>(), 1e-5f);
        Assert.Equal(MathF.Sqrt(136), x.norm().item<float>(), 1e-4f);
        TensorAssert.Elements([6f, 18], x.norm(1, p: 1));
        TensorAssert.Elements([4f, 5, 9], x.amax(0));
        TensorAssert.Elements([1f, 4], x.amin(1));
        Assert.Equal((9f, 1f), (x.max().item<float>(), x.min().item<float>()));
        Assert.Equal(5L, x.argmax().item<long>());
        TensorAssert.Elements([2L, 2], x.argmax(1));
        TensorAssert.Elements([0L, 0, 0], x.argmin(0));
        TensorAssert.Elements([1f, 3, 6, 4, 9, 18], x.cumsum(1));
        TensorAssert.Elements([1f, 2, 6, 4, 20, 180], x.cumprod(1));
        TensorAssert.Close((x.exp().sum(1)).log(), x.logsumexp(1));
        Assert.True(x.gt(0).all().item<bool>());
        TensorAssert.Elements([false, true], x.gt(8).any(1));
        TensorAssert.Elements([false, false], x.gt(1).logical_and(x.lt(9)).all(1));
    }

    [Fact]
    public void Order_ValuesAndIndices()
    {
        using var scope = NewDisposeScope();
        var x = tensor([3f, 1, 2]);

        var (values, indices) = x.sort(descending: true);
        TensorAssert.Elements([3f, 2, 1], values);
        TensorAssert.Elements([0L, 2, 1], indices);
        TensorAssert.Elements([1L, 2, 0], x.argsort());
        var (top, where) = x.topk(2);
        TensorAssert.Elements([3f, 2], top);
        TensorAssert.Elements([0L, 2], where);
        Assert.Equal((3f, 0L), (x.max(0).values.item<float>(), x.max(0).indexes.item<long>()));
        Assert.Equal((1f, 1L), (x.min(0).values.item<float>(), x.min(0).indexes.item<long>()));
        TensorAssert.Elements([0L, 2], x.gt(1).nonzero().flatten());
    }
}

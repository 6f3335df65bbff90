using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn.functional;

namespace Imagic.Torch.Tests;

/// <summary>The fused kernel against the definition, which takes every other path through libtorch.</summary>
public class AttentionTests
{
    /// <summary>More and fewer heads than threads, several blocks of rows, rows that fill no whole vector.</summary>
    public static TheoryData<int, int, int, int, int> Sizes => new()
    {
        { 2, 3, 5, 7, 4 },
        { 1, 1, 1, 1, 1 },
        { 1, 1, 700, 400, 8 },
        { 2, 2, 300, 77, 40 },
        { 2, 8, 64, 64, 16 },
    };

    [Theory]
    [MemberData(nameof(Sizes))]
    public void Attention_Forward_IsTheDefinition(int B, int H, int T, int S, int d)
    {
        using var scope = NewDisposeScope();
        var (q, k, v) = Inputs(B, H, T, S, d);

        TensorAssert.Close(Definition(q, k, v), scaled_dot_product_attention(q, k, v));
    }

    [Theory]
    [MemberData(nameof(Sizes))]
    public void Attention_Backward_IsTheDefinitions(int B, int H, int T, int S, int d)
    {
        using var scope = NewDisposeScope();
        var (q, k, v) = Inputs(B, H, T, S, d);

        var expected = Gradients(Definition, q, k, v);
        var actual = Gradients((q, k, v) => scaled_dot_product_attention(q, k, v), q, k, v);

        for (var i = 0; i < 3; i++)
            TensorAssert.Close(expected[i], actual[i], 2e-5);
    }

    [Fact]
    public void Attention_Backward_IsTheSlopeOfForward()
    {
        using var scope = NewDisposeScope();
        var (q, k, v) = Inputs(1, 2, 6, 5, 3);
        var weight = randn(1, 2, 6, 3, float64, generator: new Generator(7));
        const double step = 1e-2;

        var gradients = Gradients((q, k, v) => scaled_dot_product_attention(q, k, v), q, k, v, weight.@float());

        foreach (var (x, gradient) in new[] { (q, gradients[0]), (k, gradients[1]), (v, gradients[2]) })
        {
            var direction = randn_like(x);
            var slope = (Loss(step) - Loss(-step)) / (2 * step);
            Assert.Equal((gradient * direction).sum().@double().item<double>(), slope, 2e-3);

            double Loss(double distance)
            {
                Tensor Moved(Tensor y) => ReferenceEquals(x, y) ? x + direction * distance : y;
                var output = scaled_dot_product_attention(Moved(q), Moved(k), Moved(v));
                return (output.@double() * weight).sum().item<double>();
            }
        }
    }

    [Fact]
    public void Attention_OfHeadsSplitFromTokens_IsTheSameAsOfTheirCopies()
    {
        using var scope = NewDisposeScope();
        var heads = Enumerable.Range(1, 3).Select(i => randn(2, 50, 3 * 8, generator: new Generator((ulong)i)))
            .Select(tokens => tokens.view(2, 50, 3, 8).transpose(1, 2)).ToArray();

        var views = scaled_dot_product_attention(heads[0], heads[1], heads[2]);
        var copies = scaled_dot_product_attention(heads[0].contiguous(), heads[1].contiguous(), heads[2].contiguous());

        Assert.True(views.equal(copies).all().item<bool>());
        Assert.Equal(views.data<float>().ToArray(), copies.data<float>().ToArray());
    }

    [Theory]
    [InlineData(6, 9)]
    [InlineData(300, 300)]
    public void Attention_Causal_SeesNoLaterKeys(int T, int S)
    {
        using var scope = NewDisposeScope();
        var (q, k, v) = Inputs(2, 2, T, S, 8);
        var bias = zeros(T, S).masked_fill(ones(T, S, @bool).tril().logical_not(), double.NegativeInfinity);

        var expected = Gradients((q, k, v) => Definition(q, k, v, bias), q, k, v);
        var actual = Gradients((q, k, v) => scaled_dot_product_attention(q, k, v, is_casual: true), q, k, v);

        TensorAssert.Close(Definition(q, k, v, bias), scaled_dot_product_attention(q, k, v, is_casual: true));
        for (var i = 0; i < 3; i++)
            TensorAssert.Close(expected[i], actual[i], 2e-5);
    }

    public static TheoryData<string> MaskShapes => ["6 9", "1 9", "2 1 1 9", "1 3 6 9", "6 1"];

    [Theory]
    [MemberData(nameof(MaskShapes))]
    public void Attention_Mask_IsAddedToTheScores(string shape)
    {
        using var scope = NewDisposeScope();
        var (q, k, v) = Inputs(2, 3, 6, 9, 4);
        var mask = randn(shape.Split(' ').Select(long.Parse).ToArray(), generator: new Generator(5));

        TensorAssert.Close(Definition(q, k, v, mask), scaled_dot_product_attention(q, k, v, mask));
    }

    [Fact]
    public void Attention_BooleanMask_SaysWhatTakesPart()
    {
        using var scope = NewDisposeScope();
        var (q, k, v) = Inputs(1, 2, 4, 9, 4);
        var takesPart = arange(9).lt(6);

        var masked = scaled_dot_product_attention(q, k, v, takesPart);

        TensorAssert.Close(Definition(q, k.narrow(2, 0, 6), v.narrow(2, 0, 6)), masked);
    }

    [Fact]
    public void Attention_RowWithoutAnyKey_IsNaNAsInTheDefinition()
    {
        using var scope = NewDisposeScope();
        var (q, k, v) = Inputs(1, 1, 2, 3, 4);

        var output = scaled_dot_product_attention(q, k, v, tensor([false, false, false]));

        Assert.True(output.isnan().all().item<bool>());
    }

    [Fact]
    public void Attention_MaskThatLearns_GetsItsGradient()
    {
        using var scope = NewDisposeScope();
        var (q, k, v) = Inputs(1, 2, 4, 5, 4);
        var (mine, its) = (zeros([4, 5], requires_grad: true), zeros([4, 5], requires_grad: true));

        scaled_dot_product_attention(q, k, v, mine).square().sum().backward();
        Definition(q, k, v, its).square().sum().backward();

        TensorAssert.Close(its.grad!, mine.grad!);
    }

    [Fact]
    public void Attention_DroppingEverything_IsZero()
    {
        using var scope = NewDisposeScope();
        var (q, k, v) = Inputs(1, 2, 4, 5, 4);

        TensorAssert.Close(zeros_like(q), scaled_dot_product_attention(q, k, v, p: 1));
    }

    [Fact]
    public void Attention_SecondDerivative_IsRefused()
    {
        using var scope = NewDisposeScope();
        var (q, k, v) = Inputs(1, 1, 2, 2, 2);
        var output = scaled_dot_product_attention(q.requires_grad_(), k, v).sum();

        var error = Assert.Throws<System.Runtime.InteropServices.ExternalException>(
            () => autograd.grad([output], [q], retain_graph: true, create_graph: true));

        Assert.Contains("second derivatives", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Attention_InDoublePrecision_IsTheDefinition()
    {
        using var scope = NewDisposeScope();
        var (q, k, v) = Inputs(1, 2, 5, 6, 4);

        var output = scaled_dot_product_attention(q.@double(), k.@double(), v.@double());

        Assert.Equal(float64, output.dtype);
        TensorAssert.Close(Definition(q, k, v).@double(), output);
    }

    [Fact]
    public void Attention_Twice_GivesTheSameBytes()
    {
        using var scope = NewDisposeScope();
        var (q, k, v) = Inputs(2, 4, 200, 77, 16);

        Assert.Equal(Run(), Run());

        byte[] Run() => [.. Gradients((q, k, v) => scaled_dot_product_attention(q, k, v), q, k, v)
            .SelectMany(g => g.contiguous().bytes.ToArray())];
    }

    [Fact]
    public void Attention_OfMismatchedHeads_SaysWhatItExpected()
    {
        using var scope = NewDisposeScope();

        var error = Assert.Throws<System.Runtime.InteropServices.ExternalException>(
            () => scaled_dot_product_attention(zeros(1, 2, 3, 4), zeros(1, 2, 3, 5), zeros(1, 2, 3, 5)));

        Assert.Contains("got [1, 2, 3, 4]", error.Message, StringComparison.Ordinal);
    }

    static (Tensor Q, Tensor K, Tensor V) Inputs(int B, int H, int T, int S, int d) =>
        (randn(B, H, T, d, generator: new Generator(1)), randn(B, H, S, d, generator: new Generator(2)),
            randn(B, H, S, d, generator: new Generator(3)));

    static Tensor Definition(Tensor q, Tensor k, Tensor v) => Definition(q, k, v, null);

    static Tensor Definition(Tensor q, Tensor k, Tensor v, Tensor? bias)
    {
        var scores = q.matmul(k.mT) / Math.Sqrt(q.size(-1));
        return (bias is null ? scores : scores + bias).softmax(-1).matmul(v);
    }

    static IList<Tensor> Gradients(Func<Tensor, Tensor, Tensor, Tensor> f, Tensor q, Tensor k, Tensor v,
        Tensor? weight = null)
    {
        var leaves = new[] { q, k, v }.Select(x => x.detach().clone().requires_grad_()).ToArray();
        var output = f(leaves[0], leaves[1], leaves[2]);
        return autograd.grad([output], leaves, [weight ?? randn(output.shape, generator: new Generator(4))]);
    }
}

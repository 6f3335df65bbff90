using static TorchSharp.torch;
namespace Imagic.Torch.Tests;
public class SmokeTests
{
    [Fact]
    public void Smoke()
    {
        using var s = NewDisposeScope();
        var x = randn(2, 3, requires_grad: true);
        var y = (x * 2 + 1).sum();
        y.backward();
        Assert.Equal([2f,2,2,2,2,2], x.grad!.data<float>().ToArray());
        var q = nn.functional.scaled_dot_product_attention(randn(1,2,3,4),randn(1,2,3,4),randn(1,2,3,4));
        Assert.Equal([1L,2,3,4], q.shape);
        Assert.Equal(3, arange(3).numel());
        var ex = Assert.Throws<System.Runtime.InteropServices.ExternalException>(() => x + randn(5));
        Assert.Contains("must match", ex.Message);
        Assert.Equal(5, x[.., 1..3].numel()+1);
    }
}

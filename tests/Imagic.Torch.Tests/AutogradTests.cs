using static TorchSharp.torch;

namespace Imagic.Torch.Tests;

public class AutogradTests
{
    [Fact]
    public void Backward_AddsToTheGradientsOfLeaves()
    {
        using var scope = NewDisposeScope();
        var x = tensor([2f, 3], requires_grad: true);

        (x * x).sum().backward();
        (x * 10).sum().backward();

        TensorAssert.Elements([14f, 16], x.grad!);
        Assert.False((x * x).is_leaf);
    }

    [Fact]
    public void Backward_OfAVector_NeedsItsGradient()
    {
        using var scope = NewDisposeScope();
        var x = tensor([2f, 3], requires_grad: true);

        (x * x).backward([tensor([1f, 10])]);

        TensorAssert.Elements([4f, 60], x.grad!);
        Assert.Throws<System.Runtime.InteropServices.ExternalException>(() => (x * x).backward());
    }

    [Fact]
    public void Grad_TouchesNoLeaf()
    {
        using var scope = NewDisposeScope();
        var (x, unused) = (tensor(2f, requires_grad: true), tensor(1f, requires_grad: true));
        var y = x * x * x;

        var first = autograd.grad([y], [x], retain_graph: true, create_graph: true)[0];
        var second = autograd.grad([first], [x, unused], allow_unused: true);

        Assert.Equal((12f, 12f), (first.item<float>(), second[0].item<float>()));
        Assert.Null(second[1]);
        Assert.Null(x.grad);
    }

    [Fact]
    public void Modes_HoldUntilDisposed()
    {
        using var scope = NewDisposeScope();
        var x = ones(1, requires_grad: true);

        using (no_grad())
        {
            Assert.False(is_grad_enabled() || (x * 2).requires_grad);
            using (enable_grad())
                Assert.True((x * 2).requires_grad);
            Assert.False(is_grad_enabled());
        }
        using (inference_mode())
            Assert.True(is_inference_mode_enabled());
        Assert.True(is_grad_enabled() && !is_inference_mode_enabled());
        Assert.False((x * 2).detach().requires_grad);
    }

    [Fact]
    public void RequiresGrad_CanBeSwitched()
    {
        using var scope = NewDisposeScope();
        var x = ones(1);

        Assert.True(x.requires_grad_().requires_grad);
        Assert.False(x.requires_grad_(false).requires_grad);
        Assert.Throws<System.Runtime.InteropServices.ExternalException>(() => ones(1, int64).requires_grad_());
    }

    [Fact]
    public void RetainGrad_KeepsThatOfAnIntermediate()
    {
        using var scope = NewDisposeScope();
        var y = ones(2, requires_grad: true) * 3;
        y.retain_grad();

        (y * y).sum().backward();

        TensorAssert.Elements([6f, 6], y.grad!);
    }

    /// <summary>Parameters and gradients as views of flat buffers, which an optimizer then walks at once.</summary>
    [Fact]
    public void Leaves_AliasingFlatBuffers_ReceiveGradientsThere()
    {
        using var scope = NewDisposeScope();
        var (flat, flatGrad) = (arange(1, 6, dtype: float32), zeros(5));
        var (w, b) = (zeros(1, requires_grad: true), zeros(1, requires_grad: true));
        using (no_grad())
        {
            w.set_(flat.narrow(0, 0, 4).view(2, 2));
            b.set_(flat.narrow(0, 4, 1));
        }
        w.grad = flatGrad.narrow(0, 0, 4).view(2, 2);
        b.grad = flatGrad.narrow(0, 4, 1);

        (w * 2 + b * 3).sum().backward();
        using (no_grad())
            flat.sub_(flatGrad);

        Assert.True(w.is_leaf && b.is_leaf);
        TensorAssert.Elements([2f, 2, 2, 2, 12], flatGrad);
        TensorAssert.Elements([-1f, 0, 1, 2], w.detach());
        w.grad = null;
        Assert.Null(w.grad);
    }

    [Fact]
    public void Backward_LeavesNoTensorBehind() => LeakCheck.LeavesNoTensor(() =>
    {
        using var scope = NewDisposeScope();
        var x = randn(4, 4, requires_grad: true);
        for (var i = 0; i < 3; i++)
            x.matmul(x).softmax(-1).sum().backward();
    });
}

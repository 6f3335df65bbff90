using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using TorchSharp;
using static TorchSharp.torch;

namespace Imagic.Torch.Tests;

/// <summary>Lifetime and errors of native tensors.</summary>
public class TensorTests
{
    [Fact]
    public void Dispose_Twice_ReleasesOnce() => LeakCheck.LeavesNoTensor(() =>
    {
        var x = ones(3);
        x.Dispose();
        x.Dispose();
        Assert.True(x.IsInvalid);
    });

    [Fact]
    public void Use_AfterDispose_Throws()
    {
        var x = ones(3);
        x.Dispose();

        Assert.Throws<ObjectDisposedException>(() => x + 1);
        Assert.Equal("[disposed]", x.ToString());
    }

    [Fact]
    public void Finalizer_OfAForgottenTensor_ReleasesIt()
    {
        LeakCheck.LeavesNoTensor(() =>
        {
            Forget();
            LeakCheck.CollectForgotten();
        });

        [MethodImpl(MethodImplOptions.NoInlining)]
        static void Forget() => ones(3);
    }

    [Fact]
    public void FailedOperations_LeaveNoTensor() => LeakCheck.LeavesNoTensor(() =>
    {
        using var scope = NewDisposeScope();
        var (x, y) = (ones(2, 3), ones(4, 5));

        Assert.Throws<ExternalException>(() => x + y);
        Assert.Throws<ExternalException>(() => x.add_(y));
        Assert.Throws<ExternalException>(() => cat([x, y]));
        Assert.Throws<ExternalException>(() => x.split([1, 7]));
        Assert.Throws<ExternalException>(() => x.topk(9));
        Assert.Throws<ExternalException>(() => x.backward());
        Assert.Throws<ExternalException>(() => autograd.grad([x], [y]));
    });

    [Fact]
    public void Error_CarriesLibtorchsMessageWithoutItsBacktrace()
    {
        using var scope = NewDisposeScope();

        var error = Assert.Throws<ExternalException>(() => ones(2, 3).matmul(ones(2, 3)));

        Assert.Equal("mat1 and mat2 shapes cannot be multiplied (2x3 and 2x3)", error.Message);
    }

    [Fact]
    public void Error_DoesNotSpoilTheNextCall()
    {
        using var scope = NewDisposeScope();
        var x = ones(2);
        Assert.Throws<ExternalException>(() => x.view(3));

        Assert.Null(x.grad);
        Assert.True(x.allclose(ones(2)));
    }

    [Fact]
    public void Error_OfAnotherThread_IsNotSeenHere()
    {
        using var scope = NewDisposeScope();
        var x = ones(2);
        var thread = new Thread(() => Assert.Throws<ExternalException>(() => x.view(3)));
        thread.Start();
        thread.Join();

        Assert.Null(x.grad);
    }

    [Fact]
    public void Tensors_MadeByManyThreads_AreAllCounted() => LeakCheck.LeavesNoTensor(() =>
        Parallel.For(0, 64, i =>
        {
            using var scope = NewDisposeScope();
            using var inner = NewDisposeScope();
            Assert.Equal(i * 100L, full(100, i).sum().item<long>());
        }));

    [Fact]
    public void Facts_OfATensor_AreWhatItWasMadeWith()
    {
        using var x = zeros([2, 3, 4], dtype: float64);

        Assert.Equal([2L, 3, 4], x.shape);
        Assert.Equal((3L, 3L, 24L, 8L), (x.dim(), x.ndim, x.numel(), x.element_size()));
        Assert.Equal((4L, 4L), (x.size(2), x.size(-1)));
        Assert.Equal([12L, 4, 1], x.stride());
        Assert.Equal((float64, DeviceType.CPU), (x.dtype, x.device_type));
        Assert.Equal("cpu", x.device.ToString());
        Assert.True(x.is_contiguous() && x.is_cpu() && x.is_floating_point());
        Assert.False(x.is_cuda || x.is_integral() || x.is_pinned());
        Assert.Equal("[2x3x4], type = Float64, device = cpu", x.ToString());
    }

    [Fact]
    public void Bytes_AreTheMemoryItself()
    {
        using var x = zeros(2);

        MemoryMarshal.Cast<byte, float>(x.bytes)[1] = 7;

        TensorAssert.Elements([0f, 7], x);
    }

    [Fact]
    public void Bytes_OfATransposedTensor_SayWhatToDo()
    {
        using var scope = NewDisposeScope();
        var x = zeros(2, 3).t();

        var error = Assert.Throws<InvalidOperationException>(() => x.bytes.Length);

        Assert.Contains("contiguous()", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Item_NeedsOneElement()
    {
        using var scope = NewDisposeScope();

        Assert.Equal(3.5f, tensor(3.5f).item<float>());
        Assert.Equal(4L, full([1, 1], 4L).item<long>());
        Assert.Throws<ArgumentException>(() => zeros(2).item<float>());
        Assert.Throws<ArgumentException>(() => zeros(1).item<long>());
    }
}

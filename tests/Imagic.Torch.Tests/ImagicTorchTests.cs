using TorchSharp;
using static TorchSharp.torch;

namespace Imagic.Torch.Tests;

public class ImagicTorchTests
{
    const int Megabyte = 1 << 20;

    [Fact]
    public void CpuBytes_OfOneTensor_AreItsOwnUntilItIsDisposed()
    {
        LeakCheck.CollectForgotten();
        var before = ImagicTorch.CpuBytes;

        var x = zeros(8, Megabyte);
        Assert.Equal(before + 32 * Megabyte, ImagicTorch.CpuBytes);

        x.Dispose();
        Assert.Equal(before, ImagicTorch.CpuBytes);
    }

    [Fact]
    public void PeakCpuBytes_OfTwoTensorsAtOnce_IsBoth()
    {
        LeakCheck.CollectForgotten();
        ImagicTorch.ResetCpuPeak();
        var before = ImagicTorch.CpuBytes;

        var (x, y) = (empty(2, Megabyte), empty(3, Megabyte));
        x.Dispose();
        y.Dispose();
        empty(4, Megabyte).Dispose();

        Assert.Equal(before + 20 * Megabyte, ImagicTorch.PeakCpuBytes);
    }

    [Fact]
    public void Memory_OfADisposedLargeTensor_ServesTheNextOfItsSize()
    {
        full(5, Megabyte, 42f).Dispose();

        using var next = empty(5, Megabyte);
        Assert.Equal(42f, next[4, Megabyte - 1].item<float>());
    }

    [Fact]
    public void Attention_ForwardAndBackward_NeverHoldsAllScores()
    {
        using var scope = NewDisposeScope();
        const int heads = 4, tokens = 2048, channels = 8;
        var x = randn(1, heads, tokens, channels, requires_grad: true);
        LeakCheck.CollectForgotten();
        ImagicTorch.ResetCpuPeak();
        var before = ImagicTorch.CpuBytes;

        nn.functional.scaled_dot_product_attention(x, x, x).sum().backward();

        const long allScores = (long)heads * tokens * tokens * sizeof(float);
        Assert.InRange(ImagicTorch.PeakCpuBytes - before, 1, allScores / 4);
    }

    [Fact]
    public void BuildInfo_NamesTheLibrariesInside()
    {
        Assert.Contains("BLAS", ImagicTorch.BuildInfo, StringComparison.Ordinal);
        Assert.Contains("get_num_threads", ImagicTorch.ParallelInfo, StringComparison.Ordinal);
        Assert.Matches(@"^\d+\.\d+\.\d+", __version__);
    }

    [Fact]
    public void PeakCudaBytes_WithoutADevice_IsUnknown() =>
        Assert.True(cuda.is_available() || ImagicTorch.PeakCudaBytes() is null);
}

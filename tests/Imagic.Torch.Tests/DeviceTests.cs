using TorchSharp;
using static TorchSharp.torch;

namespace Imagic.Torch.Tests;

public class DeviceTests
{
    [Theory]
    [InlineData("cpu", DeviceType.CPU, -1, "cpu")]
    [InlineData("cuda", DeviceType.CUDA, -1, "cuda")]
    [InlineData("CUDA:2", DeviceType.CUDA, 2, "cuda:2")]
    public void Device_IsParsed(string text, DeviceType type, int index, string written)
    {
        var device = new Device(text);

        Assert.Equal((type, index, written), (device.type, device.index, device.ToString()));
    }

    [Theory]
    [InlineData("")]
    [InlineData("gpu")]
    [InlineData("cuda:x")]
    [InlineData("cuda:0:1")]
    public void Device_OfNonsense_SaysWhatIsExpected(string text)
    {
        var error = Assert.Throws<ArgumentException>(() => new Device(text));

        Assert.Contains("'cuda:<index>'", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Cuda_WhereThereIsNone_IsReportedAndRefused()
    {
        Assert.Equal(cuda.is_available(), cuda.device_count() > 0);
        Assert.Equal(cuda.is_available(), TryInitializeDeviceType(DeviceType.CUDA));
        if (cuda.is_available())
            return;
        Assert.Throws<InvalidOperationException>(() => InitializeDeviceType(DeviceType.CUDA));
        Assert.ThrowsAny<System.Runtime.InteropServices.ExternalException>(() => zeros(1, device: CUDA));
    }

    [Fact]
    public void Threads_CanBeSet()
    {
        var before = get_num_threads();
        try
        {
            set_num_threads(2);
            Assert.Equal(2, get_num_threads());
        }
        finally
        {
            set_num_threads(before);
        }
    }

    [Fact]
    public void Tf32_CanBeSwitched()
    {
        var (matmul, conv) = (backends.cuda.matmul.allow_tf32, backends.cudnn.allow_tf32);
        try
        {
            (backends.cuda.matmul.allow_tf32, backends.cudnn.allow_tf32) = (!matmul, !conv);
            Assert.Equal((!matmul, !conv), (backends.cuda.matmul.allow_tf32, backends.cudnn.allow_tf32));
        }
        finally
        {
            (backends.cuda.matmul.allow_tf32, backends.cudnn.allow_tf32) = (matmul, conv);
        }
    }
}

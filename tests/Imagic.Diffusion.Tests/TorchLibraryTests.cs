using System.Runtime.InteropServices;

namespace Imagic.Diffusion.Tests;

public sealed class TorchLibraryTests
{
    // Of all that oneDNN may be asked for, about one in five such shapes is wrong on the processors that it does not suit.
    [Theory]
    [InlineData(1, 1)]
    [InlineData(2, 1)]
    [InlineData(3, 1)]
    [InlineData(2, 2)]
    public void Load_OnThisProcessor_LeavesConvolutionsRight(long batch, long stride)
    {
        TorchLibrary.Load();

        int[] channels = [3, 5, 8, 16, 24, 48, 80, 96];
        Assert.All(
            from inChannels in channels from outChannels in channels from size in new[] { 4, 10 } select (inChannels, outChannels, size),
            shape => Assert.InRange(ConvolutionCheck.Error(batch, shape.inChannels, shape.outChannels, shape.size, stride), 0, 1e-3));
    }

    [Fact]
    public void UsesOneDnn_Passes_IsLeftOn() =>
        Assert.True(TorchLibrary.UsesOneDnn(() => true, () => Assert.Fail("Nothing is to be switched off.")));

    [Fact]
    public void UsesOneDnn_FailsWhileOn_IsSwitchedOff()
    {
        var isOn = true;

        var uses = TorchLibrary.UsesOneDnn(() => !isOn, () => isOn = false);

        Assert.False(uses);
        Assert.False(isOn);
    }

    [Fact]
    public void UsesOneDnn_FailsWithoutItToo_RefusesAndSaysWhatHelps()
    {
        var refusal = Assert.Throws<PlatformNotSupportedException>(() => TorchLibrary.UsesOneDnn(() => false, () => { }));

        Assert.Contains("ONEDNN_MAX_CPU_ISA", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void UsesOneDnn_FailsAndHasNoSwitch_RefusesAndSaysWhatHelps()
    {
        var refusal = Assert.Throws<PlatformNotSupportedException>(
            () => TorchLibrary.UsesOneDnn(() => false, () => throw new EntryPointNotFoundException()));

        Assert.Contains("ONEDNN_MAX_CPU_ISA", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Load_OnLinux_KeepsWaitingThreadsFromSpinning()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "libgomp is Linux's.");

        TorchLibrary.Load();

        // As C reads it; "1000" unless whoever runs the tests has set another.
        var seen = Marshal.PtrToStringUTF8(ReadEnvironment("GOMP_SPINCOUNT"));
        Assert.Equal(Environment.GetEnvironmentVariable("GOMP_SPINCOUNT") ?? "1000", seen);
    }

    [Fact]
    public void Load_Threads_AreThoseOfTheCallingThread()
    {
        var threads = TorchSharp.torch.get_num_threads();
        try
        {
            TorchLibrary.Load(threads + 1);

            Assert.Equal(threads + 1, TorchSharp.torch.get_num_threads());
        }
        finally
        {
            TorchLibrary.Load(threads);
        }
    }

    [DllImport("libc", EntryPoint = "getenv")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern nint ReadEnvironment([MarshalAs(UnmanagedType.LPUTF8Str)] string name);
}

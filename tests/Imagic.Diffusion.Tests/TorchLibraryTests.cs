using System.Runtime.InteropServices;

namespace Imagic.Diffusion.Tests;

public sealed class TorchLibraryTests
{
    // With oneDNN on, about one of twelve such shapes is wrong on the processors that it does not suit.
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Load_OnThisProcessor_LeavesConvolutionsWithRightGradients(long batch)
    {
        TorchLibrary.Load();

        foreach (var channels in new[] { 3, 4, 5, 8, 16, 32 })
        {
            foreach (var size in new[] { 4, 8 }) Assert.InRange(ConvolutionCheck.Error(batch, channels, size), 0, 1e-3);
        }
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

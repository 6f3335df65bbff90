using TorchSharp.Interop;

namespace Imagic.Torch.Tests.Interop;

public class NativeTests
{
    [Fact]
    public void Load_OfAMissingLibrary_SaysWhichAndWhatToDo()
    {
        var path = Path.Combine(AppContext.BaseDirectory, "absent", "libimagic_torch.so");

        var error = Assert.Throws<DllNotFoundException>(() => Native.Load(path));

        Assert.Equal($"The tensor library cannot be loaded: {path}: cannot open shared object file: No such file or "
            + "directory. Run `./imagic setup`, which installs libtorch and builds the library, then build again.",
            error.Message);
    }

    [Fact]
    public void Load_OfSomethingElse_SaysWhyItIsNoLibrary()
    {
        var path = Path.GetTempFileName();
        try
        {
            File.WriteAllText(path, "not a library");
            var error = Assert.Throws<DllNotFoundException>(() => Native.Load(path));
            Assert.Contains(path + ": file too short", error.Message, StringComparison.Ordinal);
        }
        finally
        {
            File.Delete(path);
        }
    }
}

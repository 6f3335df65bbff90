using Imagic.Diffusion;
using static TorchSharp.torch;

namespace Imagic.Worker.Models;

/// <summary>How devices are spelled on the command line, and whether they can be used.</summary>
public static class Devices
{
    /// <summary>What <see cref="Parse"/> takes.</summary>
    public const string Choices = "cpu, cuda, cuda:1, or auto";

    /// <summary>The device of that name; <c>auto</c> is the GPU where there is one.</summary>
    /// <exception cref="BadInputException">It is no name of a device, this machine has none such, or its results are wrong.</exception>
    public static Device Parse(string name)
    {
        try
        {
            TorchLibrary.Load();
        }
        catch (PlatformNotSupportedException exception)
        {
            throw new BadInputException(exception.Message);
        }

        if (name == "auto") name = cuda.is_available() ? "cuda" : "cpu";
        if (name.StartsWith("cuda", StringComparison.Ordinal) && !cuda.is_available())
            throw new BadInputException("--device cuda needs a libtorch with CUDA and a GPU; this one has none. Use --device cpu.");
        if (name != "cpu" && !name.StartsWith("cuda", StringComparison.Ordinal))
            throw new BadInputException($"--device takes cpu, cuda, cuda:N or auto; got '{name}'.");
        return new(name);
    }
}

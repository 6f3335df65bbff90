using static TorchSharp.torch;

namespace Imagic.Worker.Models;

/// <summary>How devices are spelled on the command line, and whether they can be used.</summary>
public static class Devices
{
    /// <summary>What <see cref="Parse"/> takes.</summary>
    public const string Spellings = "cpu, cuda, cuda:1, or auto";

    // Looked at once: a process has one libtorch.
    private static readonly Lazy<bool> CpuIsRight = new(GradientsOfConvolutionsAreRight);

    /// <summary>The device of that name; <c>auto</c> is the GPU where there is one.</summary>
    /// <exception cref="EditInputException">It is no name of a device, this machine has none such, or its results are wrong.</exception>
    public static Device Parse(string name)
    {
        if (name == "auto") name = cuda.is_available() ? "cuda" : "cpu";
        if (name.StartsWith("cuda", StringComparison.Ordinal) && !cuda.is_available())
            throw new EditInputException("--device cuda needs a libtorch with CUDA and a GPU; this one has none. Use --device cpu.");
        if (name != "cpu" && !name.StartsWith("cuda", StringComparison.Ordinal))
            throw new EditInputException($"--device takes cpu, cuda, cuda:N or auto; got '{name}'.");
        if (name == "cpu" && !CpuIsRight.Value)
        {
            throw new EditInputException(
                "This build of libtorch computes wrong gradients of convolutions on this processor, so every edit would fail or be wrong. "
                + "Set the environment variable ONEDNN_MAX_CPU_ISA=SSE41, or use a libtorch whose oneDNN is older than 3.7.");
        }

        return new(name);
    }

    // oneDNN 3.7 (libtorch 2.6 of Debian 13, 2.10 of NuGet) gets those of few channels wrong on some processors, by more
    // than their size.
    private static bool GradientsOfConvolutionsAreRight()
    {
        using var scope = NewDisposeScope();
        return (InputGradient(ScalarType.Float32) - InputGradient(ScalarType.Float64)).abs().max().item<double>() < 1e-3;

        static Tensor InputGradient(ScalarType dtype)
        {
            var input = Ramp(3, 5, 8, 5).to(dtype).requires_grad_();
            nn.functional.conv2d(input, Ramp(7, 5, 3, 3).to(dtype), strides: [1, 1], padding: [1, 1]).mul(Ramp(3, 7, 8, 5).to(dtype)).sum().backward();
            return input.grad!.to(ScalarType.Float64);
        }

        static Tensor Ramp(params long[] shape) => arange(shape.Aggregate((a, b) => a * b)).to(ScalarType.Float64).mul(0.7).sin().view(shape);
    }
}

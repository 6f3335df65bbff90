using static Imagic.Diffusion.Scalars;
using static TorchSharp.torch;

namespace Imagic.Diffusion.Weights;

/// <summary>
/// Gives a model the start values of training from nothing. The numbers depend on the seed and the declaration order
/// only: they are drawn in float32 on the CPU, whatever the set's dtype and device.
/// </summary>
public sealed class RandomSource(long seed) : IParameterSource
{
    public void Fill(ParameterSet parameters)
    {
        using var noGrad = no_grad();
        using var generator = new Generator((ulong)seed);
        foreach (var parameter in parameters.Parameters)
        {
            switch (parameter.Initializer)
            {
                case Initializer.One:
                    parameter.Value.fill_(One);
                    break;
                case Initializer.Zero:
                    parameter.Value.zero_();
                    break;
                default:
                    FillNormal(parameter, generator);
                    break;
            }
        }
    }

    private static void FillNormal(Parameter parameter, Generator generator)
    {
        using var scope = NewDisposeScope();
        var fanIn = parameter.Count / parameter.Shape[0];
        var draw = randn(parameter.Shape, dtype: ScalarType.Float32, generator: generator);
        parameter.Value.copy_(draw.mul_(Held(1 / Math.Sqrt(fanIn))));
    }
}

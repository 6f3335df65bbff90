using Imagic.Diffusion.Weights;
using Imagic.Lab.Train.Optimizer;
using static Imagic.Diffusion.Scalars;
using static TorchSharp.torch;

namespace Imagic.Lab.Tests.Train.Optimizer;

public sealed class NetworkOptimizerTests
{
    // torch 1.13: AdamW(lr as RateAt gives it, betas=(0.9, 0.99), weight_decay=0.1) after clip_grad_norm_(2), and
    // ema = ema·d + w·(1−d) with d = min(0.3, (1+n)/(10+n)), printed with eight digits.
    private static readonly float[][] Gradients = [[0.5f, -0.25f, 1, 0], [3, -4, 12, 0.5f], [-0.125f, 0.0625f, 0.03125f, -2]];
    private static readonly float[] Weights = [0.48074982f, -1.229707f, 1.9773825f, 0.026894942f];
    private static readonly float[] Averages = [0.48266631f, -1.2317889f, 1.9798133f, 0.026519421f];

    private static readonly OptimizerConfig Config = new(
        Steps: 4, Batch: 1, LearningRate: 0.01, WarmUp: 2, FinalRate: 0.02, WeightDecay: 0.1, EmaDecay: 0.3, ClipNorm: 2);

    [Fact]
    public void Step_ThreeTimes_GivesWhatTorchGives()
    {
        using var scope = NewDisposeScope();
        using var parameters = new ParameterSet(ScalarType.Float32, CPU);
        parameters.Root.Weight("weight", 4);
        parameters.Bind(new Given([0.5f, -1.25f, 2, 0.03125f]));
        using var optimizer = new NetworkOptimizer("weights", parameters, Config);

        for (var step = 1; step <= Gradients.Length; step++)
        {
            optimizer.ZeroGradients();
            parameters.FlatGrad.add_(tensor(Gradients[step - 1]), One);
            optimizer.Step(step);
        }

        AssertClose(Weights, parameters.Flat);
        optimizer.UseAverage();
        AssertClose(Averages, parameters.Flat);
        optimizer.UseWeights();
        AssertClose(Weights, parameters.Flat);
    }

    [Theory]
    [InlineData(1, 0.005)]
    [InlineData(2, 0.01)]
    [InlineData(3, 0.0051)] // half-way down the cosine: 0.01·(0.02 + 0.98/2)
    [InlineData(4, 0.0002)]
    [InlineData(9, 0.0002)] // beyond the last
    public void RateAt_RisesLinearlyAndFallsAlongACosine(int step, double expected) => Assert.Equal(expected, Config.RateAt(step), 1e-12);

    private static void AssertClose(float[] expected, Tensor actual) =>
        Assert.All(expected.Zip(actual.data<float>().ToArray()), pair => Assert.Equal(pair.First, pair.Second, 2e-6f));

    private sealed class Given(float[] values) : IParameterSource
    {
        public void Fill(ParameterSet parameters)
        {
            using var from = tensor(values);
            parameters.Flat.copy_(from);
        }
    }
}

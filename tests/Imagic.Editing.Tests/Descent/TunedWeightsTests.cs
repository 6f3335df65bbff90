using Imagic.Diffusion.Packages;
using Imagic.Diffusion.UNet;
using Imagic.Diffusion.Weights;
using Imagic.Editing.Descent;
using Imagic.Tests;
using TorchSharp;
using static Imagic.Diffusion.Scalars;
using static TorchSharp.torch;

namespace Imagic.Editing.Tests.Descent;

public sealed class TunedWeightsTests : IDisposable
{
    private static readonly FineTuneSettings Lora = new(3, 1e-2) { Tuning = Tuning.Lora, Rank = 2 };
    private static readonly FineTuneSettings KeysAndValues = new(3, 1e-2) { Tuning = Tuning.KeysAndValues };

    private readonly DisposeScope _scope = NewDisposeScope();
    private readonly ModelPackage _package = ModelPackage.Open(RepositoryFiles.Fixture("sd1-micro"));
    private readonly UNet2DConditionModel _unet;

    public TunedWeightsTests() => _unet = _package.LoadUNet(ScalarType.Float32, CPU);

    private ParameterSet Model => _unet.Parameters;

    [Fact]
    public void Lora_BeforeTheFirstStep_ChangesNothing()
    {
        var before = Output();
        using var tuned = TunedWeights.Attach(Model, Lora, new LowRankStart(1));

        Assert.True(Same(Output(), before));
        Assert.All(
            tuned.Parameters.Parameters.Where(parameter => parameter.Name.EndsWith("lora_A.weight", StringComparison.Ordinal)),
            parameter => Assert.InRange(parameter.Value.abs().max().item<float>() * Math.Sqrt(parameter.Shape[1]), 0.5, 1));
    }

    [Fact]
    public void Lora_StandsBesideEveryProjectionOfEveryAttention()
    {
        using var declared = TunedWeights.Declare(Model, Lora);

        var layers = Model.Parameters.Count(parameter => parameter.Name.Contains(".attn", StringComparison.Ordinal) && parameter.Shape.Length == 2);
        Assert.Equal(2 * layers, declared.Parameters.Count);
        Assert.Contains("mid_block.attentions.0.transformer_blocks.0.attn1.to_out.0.lora_B.weight", declared.Parameters.Select(parameter => parameter.Name));
    }

    [Fact]
    public void Declare_OfACascade_FindsItsAttentions()
    {
        using var unet = ModelPackage.Open(RepositoryFiles.Fixture(TinyEdit.Cascade)).DeclareUNet();
        var attentions = unet.Parameters.Parameters.Where(parameter => parameter.Name.Contains(".attentions.", StringComparison.Ordinal)).ToList();
        using var lora = TunedWeights.Declare(unet.Parameters, Lora);
        using var keysAndValues = TunedWeights.Declare(unet.Parameters, KeysAndValues);

        Assert.Equal(2 * attentions.Count(parameter => parameter.Shape.Length == 2), lora.Parameters.Count);
        Assert.Contains("mid_block.attentions.0.to_out.0.lora_B.weight", lora.Parameters.Select(parameter => parameter.Name));
        Assert.Equal(
            attentions.Select(parameter => parameter.Name).Where(name => name.Contains(".add_", StringComparison.Ordinal)).Order(),
            keysAndValues.Parameters.Select(parameter => parameter.Name).Order());
        Assert.NotEmpty(keysAndValues.Parameters);
    }

    [Fact]
    public void Lora_Merged_IsLoraApplied()
    {
        var before = Output();
        Tensor applied, values;
        using (var tuned = TunedWeights.Attach(Model, Lora, new RandomLowRank()))
        {
            applied = Output();
            values = tuned.Parameters.Flat.clone();
        }

        Assert.True(Same(Output(), before)); // the places are empty again

        TunedWeights.Apply(Model, Lora, values, 1);

        Assert.True(RelativeError(before, applied) > 1e-2); // it does something
        Assert.InRange(RelativeError(Output(), applied), 0, 2e-6);
    }

    [Fact]
    public void Lora_Blended_ScalesTheProducts()
    {
        var values = LowRankValues();
        var start = Model.Flat.clone();
        TunedWeights.Apply(Model, Lora, values, 1);
        var change = Model.Flat - start;
        _package.FillUNet(Model);

        TunedWeights.Apply(Model, Lora, values, 0.25);

        Assert.InRange(RelativeError(Model.Flat - start, change * Held(0.25)), 0, 1e-5);
    }

    [Fact]
    public void KeysAndValues_MoveAndNothingElse_AndTheModelGetsItsOwnBack()
    {
        var start = Model.Flat.clone();
        var before = Output();
        Tensor tunedOutput, values;
        using (var tuned = TunedWeights.Attach(Model, KeysAndValues, new LowRankStart(0)))
        {
            tuned.Parameters.TrackGradients();
            Output().mean().backward();
            Assert.All(Model.Parameters, parameter => Assert.Equal(IsKeyOrValue(parameter), parameter.Value.requires_grad));
            Assert.True(tuned.Parameters.FlatGrad.abs().max().item<float>() > 0);
            using var noGrad = no_grad();
            tuned.Parameters.Flat.mul_(Held(1.5));
            tunedOutput = Output();
            values = tuned.Parameters.Flat.clone();
        }

        Assert.True(RelativeError(tunedOutput, before) > 1e-3);
        Assert.True(Same(Model.Flat, start));
        Assert.True(Same(Output(), before));
        Assert.All(Model.Parameters, parameter => Assert.False(parameter.Value.requires_grad));

        TunedWeights.Apply(Model, KeysAndValues, values, 1);

        Assert.True(Same(Output(), tunedOutput));
        Assert.All(Model.Parameters, parameter => Assert.Equal(
            !IsKeyOrValue(parameter), Same(parameter.Value, ParameterSet.View(start, parameter))));
    }

    [Theory]
    [InlineData(Tuning.Full)]
    [InlineData(Tuning.KeysAndValues)]
    [InlineData(Tuning.Lora)]
    public void FineTune_ComputedInParts_IsThatOfTheWholeBatch(Tuning tuning)
    {
        var settings = new FineTuneSettings(2, 1e-3) { Batch = 4, Tuning = tuning, Rank = tuning == Tuning.Lora ? 2 : null };

        var (whole, wholeLosses) = Train(settings);
        var (parts, partLosses) = Train(settings with { Accumulate = 2 });
        var (other, _) = Train(settings with { Batch = 2 });

        // Adam divides by the size of the gradient, so the weights' error is that of rounding times the rate.
        Assert.InRange(RelativeError(parts, whole), 0, 1e-4);
        Assert.InRange(RelativeError(partLosses, wholeLosses), 0, 1e-5);
        Assert.True(RelativeError(other, whole) > 1e-4);
    }

    public void Dispose()
    {
        _unet.Dispose();
        _scope.Dispose();
    }

    private (Tensor Values, Tensor Losses) Train(FineTuneSettings settings)
    {
        using var models = new LoadedModels(_package, ScalarType.Float32, CPU);
        var latents = StepRandom.Noise(3, "latents", 0, [1, 4, 12, 16], CPU);
        using var stage = new FineTuneStage(
            TunedWeights.Attach(models.UNet.Parameters, settings, new RandomLowRank()),
            new DenoisingLoss(models.UNet, models.Schedule, latents), States(), settings,
            StepRandom.Training(5, "finetune", settings.Batch, [4, 12, 16], 1000, CPU));
        while (!stage.IsDone) stage.Advance();
        return (stage.Result()[0].Value.clone(), tensor(stage.Losses.ToArray()));
    }

    private Tensor LowRankValues()
    {
        using var tuned = TunedWeights.Attach(Model, Lora, new RandomLowRank());
        return tuned.Parameters.Flat.clone();
    }

    private Tensor Output() => _unet.Forward(
        StepRandom.Noise(1, "sample", 0, [2, 4, 12, 16], CPU), full([2], Held(500), dtype: ScalarType.Int64), States());

    private TextEmbedding States() => new(StepRandom.Noise(1, "states", 0, [1, 77, _unet.Config.CrossAttentionDim], CPU));

    private static bool IsKeyOrValue(Parameter parameter) =>
        parameter.Name.EndsWith("attn2.to_k.weight", StringComparison.Ordinal) || parameter.Name.EndsWith("attn2.to_v.weight", StringComparison.Ordinal);

    private static bool Same(Tensor actual, Tensor expected) => actual.eq(expected).all().item<bool>();

    private static double RelativeError(Tensor actual, Tensor expected) => ((actual - expected).norm() / expected.norm()).item<float>();

    /// <summary>Both factors away from zero, as after a training.</summary>
    private sealed class RandomLowRank : IParameterSource
    {
        public void Fill(ParameterSet parameters)
        {
            using var generator = StepRandom.For(2, "low rank", 0);
            using var draw = randn(parameters.Count, dtype: ScalarType.Float32, generator: generator);
            parameters.Flat.copy_(draw).mul_(Held(0.2));
        }
    }
}

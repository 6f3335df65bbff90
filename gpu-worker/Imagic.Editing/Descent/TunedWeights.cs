using System.Text.RegularExpressions;
using Imagic.Diffusion.Weights;
using static Imagic.Diffusion.Scalars;
using static TorchSharp.torch;

namespace Imagic.Editing.Descent;

/// <summary>
/// What stage 2 moves of a UNet, in a flat buffer that holds nothing else. While it lives the UNet computes with it;
/// afterwards, unless all was tuned, with its own weights as before.
/// </summary>
public sealed partial class TunedWeights : IDisposable
{
    private readonly ParameterSet _model;

    private TunedWeights(ParameterSet model, ParameterSet parameters) => (_model, Parameters) = (model, parameters);

    /// <summary>What is moved; the UNet's own set where that is everything.</summary>
    public ParameterSet Parameters { get; }

    /// <summary>Starts a tuning from the weights that the model has.</summary>
    /// <param name="model">The UNet's parameters.</param>
    /// <param name="settings">Says what is moved.</param>
    /// <param name="low">Fills LoRA's parameters, see <see cref="LowRankStart"/>.</param>
    public static TunedWeights Attach(ParameterSet model, FineTuneSettings settings, IParameterSource low)
    {
        var tuned = new TunedWeights(model, Declare(model, settings));
        if (settings.Tuning != Tuning.Full)
            tuned.Parameters.Bind(settings.Tuning == Tuning.Lora ? low : new ModelSource(model));
        if (settings.Tuning == Tuning.Lora)
        {
            var values = tuned.Parameters.Parameters.ToDictionary(parameter => parameter.Name, parameter => parameter.Value);
            foreach (var (path, place) in Places(model)) (place.Down, place.Up) = (values[DownOf(path)], values[UpOf(path)]);
        }

        return tuned;
    }

    /// <summary>The set that a tuning is kept in, not bound; the caller disposes it unless it is <paramref name="model"/> itself.</summary>
    /// <param name="model">The UNet's parameters; they need not be bound.</param>
    /// <param name="settings">Says what is moved.</param>
    public static ParameterSet Declare(ParameterSet model, FineTuneSettings settings) => settings.Tuning switch
    {
        Tuning.Full => model,
        Tuning.KeysAndValues => model.Select(name => IsKeyOrValue.IsMatch(name)),
        _ => DeclareLowRank(model, settings.Rank!.Value),
    };

    /// <summary>θ = θ_base + s·(θ_tuned − θ_base); for LoRA W = W_base + s·B·A.</summary>
    /// <param name="model">The UNet's parameters: θ_base, except that a full tuning with s = 1 replaces whatever they are.</param>
    /// <param name="settings">Says what was moved.</param>
    /// <param name="tuned">The result of stage 2, one flat float32 buffer on any device.</param>
    /// <param name="blend">s.</param>
    public static void Apply(ParameterSet model, FineTuneSettings settings, Tensor tuned, double blend)
    {
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        if (settings.Tuning != Tuning.Full || blend != 1) tuned = tuned.to(model.Device);
        if (settings.Tuning == Tuning.Full)
        {
            Blend(model.Flat, tuned);
            return;
        }

        using var parameters = Declare(model, settings);
        var values = parameters.Parameters.ToDictionary(parameter => parameter.Name, parameter => ParameterSet.View(tuned, parameter));
        foreach (var parameter in model.Parameters)
        {
            if (values.TryGetValue(parameter.Name, out var value)) Blend(parameter.Value, value);
            else if (PathOf(parameter) is { } path && values.TryGetValue(DownOf(path), out var down))
                parameter.Value.copy_(parameter.Value.to(ScalarType.Float32).add(matmul(values[UpOf(path)], down), alpha: Held(blend)));
        }

        void Blend(Tensor weights, Tensor value)
        {
            if (blend == 1) weights.copy_(value);
            else weights.mul_(Held(1 - blend)).add_(value, alpha: Held(blend));
        }
    }

    public void Dispose()
    {
        if (Parameters == _model)
        {
            _model.StopTrackingGradients();
            return;
        }

        foreach (var (_, place) in Places(_model)) (place.Down, place.Up) = (null, null);
        Parameters.Dispose();
    }

    private static ParameterSet DeclareLowRank(ParameterSet model, int rank)
    {
        var set = new ParameterSet(model.Dtype, model.Device);
        foreach (var parameter in model.Parameters)
        {
            if (PathOf(parameter) is not { } path) continue;
            var (rows, columns) = (parameter.Shape[0], parameter.Shape[1]);
            set.Root[$"{path}.lora_A"].Weight("weight", rank, columns);
            set.Root[$"{path}.lora_B"].Zeros("weight", rows, rank);
        }

        return set;
    }

    private static IEnumerable<KeyValuePair<string, LowRank>> Places(ParameterSet model) => model.LowRanks.Where(place => IsProjection.IsMatch(place.Key));

    // The layer that a weight belongs to, where LoRA stands beside it.
    private static string? PathOf(Parameter parameter) =>
        parameter.Name.EndsWith(".weight", StringComparison.Ordinal) && parameter.Name[..^".weight".Length] is var path && IsProjection.IsMatch(path) ? path : null;

    private static string DownOf(string path) => $"{path}.lora_A.weight";

    private static string UpOf(string path) => $"{path}.lora_B.weight";

    // In cascades one attention is to the text and to the picture, with projections of its own for the text.
    [GeneratedRegex(@"\.attn2\.to_[kv]\.weight$|\.attentions\.\d+\.add_[kv]_proj\.(weight|bias)$")]
    private static partial Regex IsKeyOrValue { get; }

    [GeneratedRegex(@"\.(attn[12]|attentions\.\d+)\.(to_(q|k|v|out\.0)|add_[kv]_proj)$")]
    private static partial Regex IsProjection { get; }

    private sealed class ModelSource(ParameterSet model) : IParameterSource
    {
        public void Fill(ParameterSet parameters)
        {
            using var scope = NewDisposeScope();
            var own = model.Parameters.ToDictionary(parameter => parameter.Name);
            foreach (var parameter in parameters.Parameters) parameter.Value.copy_(ParameterSet.View(model.Flat, own[parameter.Name]));
        }
    }
}

/// <summary>
/// Where LoRA starts: A uniform within ±1/√in, as peft draws it (Kaiming's bound with a = √5), B zero, so that the first
/// step sees the model itself. Drawn in float32 on the CPU, whatever the set's dtype and device.
/// </summary>
/// <param name="seed">The edit's.</param>
/// <param name="stage">Which of the two tunings starts.</param>
public sealed class LowRankStart(long seed, EditStage stage = EditStage.FineTune) : IParameterSource
{
    public void Fill(ParameterSet parameters)
    {
        using var noGrad = no_grad();
        using var generator = StepRandom.For(seed, $"{stage.Name()} lora", 0);
        foreach (var parameter in parameters.Parameters)
        {
            using var scope = NewDisposeScope();
            if (parameter.Initializer == Initializer.Zero)
            {
                parameter.Value.zero_();
                continue;
            }

            var bound = 1 / Math.Sqrt(parameter.Shape[1]);
            parameter.Value.copy_(rand(parameter.Shape, dtype: ScalarType.Float32, generator: generator).mul_(Held(2 * bound)).sub_(Held(bound)));
        }
    }
}

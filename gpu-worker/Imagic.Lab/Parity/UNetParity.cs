using System.Text.RegularExpressions;
using Imagic.Diffusion.UNet;
using Imagic.Diffusion.Weights;
using Imagic.Editing;
using static Imagic.Diffusion.Scalars;
using static TorchSharp.torch;

namespace Imagic.Lab.Parity;

/// <summary>A UNet and its gradients.</summary>
/// <param name="reference">What was recorded.</param>
/// <param name="unet">The UNet.</param>
/// <param name="prefix">What the names of its tensors start with: <c>unet</c>, or a cascade's <c>s1unet</c> and <c>s2unet</c>.</param>
internal sealed partial class UNetParity(ReferenceFolder reference, Func<UNet2DConditionModel> unet, string prefix = "unet") : IParityArea
{
    /// <summary>The timestep of the recorded loss and of what a tuned UNet makes of the same input.</summary>
    public const int LossTimestep = 500;

    private const int OddTimestep = 333;

    private readonly string _norms = $"{prefix}.grad_norms";

    public IEnumerable<Quantity> Quantities()
    {
        var gradients = new Lazy<Gradients>(ComputeGradients);
        var layers = new Lazy<Dictionary<string, Tensor>>(ComputeLayers);
        return
        [
            .. from name in reference.ExpectedNames
               let match = OutputName.Match(name)
               where match.Success && match.Groups["prefix"].Value == prefix
               let timestep = int.Parse(match.Groups["timestep"].Value)
               select new Quantity(name, Limits.Module, () => Output(timestep)),
            new($"{prefix}.out.mixed", Limits.Module, () => Forward(Input("sample"), Input("timesteps_mixed"), Text())),
            new($"{prefix}.out.odd", Limits.Module, () => OutputOfOneText("sample_odd", 0)),
            new($"{prefix}.out.nonsq", Limits.Module, () => OutputOfOneText("sample_nonsq", 1)),
            new($"{prefix}.loss", Limits.Module, () => gradients.Value.Loss),
            new($"{prefix}.grad_emb", Limits.Gradient, () => gradients.Value.Embedding.States),
            new($"{prefix}.grad_pooled", Limits.Gradient, () => gradients.Value.Embedding.Pooled!),
            new($"{prefix}.grad_sample", Limits.Gradient, () => gradients.Value.Sample),
            new(_norms, Limits.Gradient, () => Norms(reference, _norms, unet().Parameters, gradients.Value.Parameters)),
            .. Starting($"{prefix}.grad.", Limits.Gradient, name => Piece(unet().Parameters, gradients.Value.Parameters, name)),
            .. Starting($"{prefix}.dbg.", Limits.Module, name => layers.Value.GetValueOrDefault(name)
                ?? throw new ModelPackageException(ReferenceFolder.ManifestFile, $"the UNet has no layer '{name}' that tells what it gives.")),
        ];
    }

    /// <summary>What the UNet with its present weights makes of the recorded input, (B, C, h, w).</summary>
    public Tensor Output(int timestep)
    {
        var sample = Input("sample");
        return Forward(sample, Everywhere(timestep, sample), Text());
    }

    /// <summary>L2 norm of each parameter's piece of a flat buffer, in the order of the recorded names.</summary>
    /// <param name="quantity">Name of the recorded norms.</param>
    public static Tensor Norms(ReferenceFolder reference, string quantity, ParameterSet parameters, Tensor flat) =>
        stack([.. reference.NamesFor(quantity).Select(name => Piece(parameters, flat, name).norm())]);

    /// <summary>What LoRA files put before a parameter's name.</summary>
    public const string LoraPrefix = "unet.";

    /// <summary>The piece of a flat buffer that belongs to a parameter.</summary>
    /// <exception cref="ModelPackageException">The UNet has no such parameter.</exception>
    public static Tensor Piece(ParameterSet parameters, Tensor flat, string name) =>
        parameters.Parameters.FirstOrDefault(parameter => parameter.Name == name || LoraPrefix + parameter.Name == name) is { } found
            ? ParameterSet.View(flat, found)
            : throw new ModelPackageException(ReferenceFolder.ManifestFile, $"the UNet has no parameter '{name}'.");

    private static Tensor Everywhere(int timestep, Tensor sample) =>
        full([sample.shape[0]], Held(timestep), dtype: ScalarType.Int64, device: sample.device);

    private Tensor Input(string name) => reference.Input($"{prefix}.{name}");

    private TextEmbedding Text() => new(Input("emb"), unet().Config.AddsTextAndTime ? Input("pooled") : null);

    private Tensor Forward(Tensor sample, Tensor timesteps, TextEmbedding text, int size = 0)
    {
        var (batch, config) = (sample.shape[0], unet().Config);
        return unet().Forward(
            sample, timesteps, text, config.AddsTextAndTime ? Input("time_ids").narrow(0, size, batch) : null,
            config.ClassEmbedType is null ? null : Input("class_labels").narrow(0, 0, batch));
    }

    private IEnumerable<Quantity> Starting(string prefix, double limit, Func<string, Tensor> compute) =>
        from name in reference.ExpectedNames
        where name.StartsWith(prefix, StringComparison.Ordinal)
        select new Quantity(name, limit, () => compute(name[prefix.Length..]));

    /// <summary>Of a latent of another shape, with the first text.</summary>
    private Tensor OutputOfOneText(string name, int size)
    {
        var sample = Input(name);
        return Forward(sample, Everywhere(OddTimestep, sample), Text().Map(part => part.narrow(0, 0, 1).expand([sample.shape[0], .. part.shape[1..]])), size);
    }

    /// <summary>What each layer gives in the output at <see cref="LossTimestep"/>, of the first picture.</summary>
    private Dictionary<string, Tensor> ComputeLayers()
    {
        var outputs = new Dictionary<string, Tensor>();
        unet().Parameters.OnOutput = (layer, output) => outputs[layer] = output.narrow(0, 0, 1).clone().DetachFromDisposeScope();
        using var noGrad = no_grad();
        using var output = Output(LossTimestep);
        unet().Parameters.OnOutput = null;
        return outputs;
    }

    private Gradients ComputeGradients()
    {
        var parameters = unet().Parameters;
        parameters.TrackGradients();
        try
        {
            var sample = Input("sample").requires_grad_();
            var text = Text().Map(part => part.requires_grad_());
            var (output, target) = (Forward(sample, Everywhere(LossTimestep, sample), text), Input("noise_target"));
            var loss = nn.functional.mse_loss(output.narrow(1, 0, target.shape[1]), target); // without what it says of the variance
            loss.backward();
            return new(loss.detach(), text.Map(part => part.grad!), sample.grad!, parameters.FlatGrad.clone());
        }
        finally
        {
            parameters.StopTrackingGradients();
        }
    }

    [GeneratedRegex(@"^(?<prefix>\w+)\.out\.t(?<timestep>\d+)$")]
    private static partial Regex OutputName { get; }

    /// <summary>The loss, and its gradients by embedding, sample and parameters (flat).</summary>
    private sealed record Gradients(Tensor Loss, TextEmbedding Embedding, Tensor Sample, Tensor Parameters);
}

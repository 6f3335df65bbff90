using System.Text.RegularExpressions;
using Imagic.Diffusion.UNet;
using Imagic.Diffusion.Weights;
using Imagic.Editing;
using static Imagic.Diffusion.Scalars;
using static TorchSharp.torch;

namespace Imagic.Lab.Parity;

/// <summary>The UNet and its gradients.</summary>
internal sealed partial class UNetParity(ReferenceFolder reference, LoadedModels models) : IParityArea
{
    /// <summary>The timestep of the recorded loss and of what a tuned UNet makes of the same input.</summary>
    public const int LossTimestep = 500;

    private const int OddTimestep = 333;

    private const string LayerPrefix = "unet.dbg.", GradientPrefix = "unet.grad.", GradientNorms = "unet.grad_norms";

    public IEnumerable<Quantity> Quantities()
    {
        var gradients = new Lazy<Gradients>(ComputeGradients);
        var layers = new Lazy<Dictionary<string, Tensor>>(ComputeLayers);
        return
        [
            .. from name in reference.ExpectedNames
               let match = OutputName.Match(name)
               where match.Success
               let timestep = int.Parse(match.Groups["timestep"].Value)
               select new Quantity(name, Limits.Module, () => Output(reference, models, timestep)),
            new("unet.out.mixed", Limits.Module, () => Forward(reference.Input("unet.timesteps_mixed"))),
            new("unet.out.odd", Limits.Module, () => OutputOfOneText("unet.sample_odd", 0)),
            new("unet.out.nonsq", Limits.Module, () => OutputOfOneText("unet.sample_nonsq", 1)),
            new("unet.loss", Limits.Module, () => gradients.Value.Loss),
            new("unet.grad_emb", Limits.Gradient, () => gradients.Value.Embedding.States),
            new("unet.grad_pooled", Limits.Gradient, () => gradients.Value.Embedding.Pooled!),
            new("unet.grad_sample", Limits.Gradient, () => gradients.Value.Sample),
            new(GradientNorms, Limits.Gradient, () => Norms(reference, GradientNorms, models.UNet.Parameters, gradients.Value.Parameters)),
            .. Starting(GradientPrefix, Limits.Gradient, name => Piece(models.UNet.Parameters, gradients.Value.Parameters, name)),
            .. Starting(LayerPrefix, Limits.Module, name => layers.Value.GetValueOrDefault(name)
                ?? throw new ModelPackageException(ReferenceFolder.ManifestFile, $"the UNet has no layer '{name}' that tells what it gives.")),
        ];
    }

    /// <summary>What the UNet with its present weights makes of the recorded input, (B, C, h, w).</summary>
    public static Tensor Output(ReferenceFolder reference, LoadedModels models, int timestep)
    {
        var sample = reference.Input("unet.sample");
        return models.UNet.Forward(sample, Everywhere(timestep, sample), Text(reference, models), TimeIds(reference, models));
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

    private static TextEmbedding Text(ReferenceFolder reference, LoadedModels models) =>
        new(reference.Input("unet.emb"), models.UNet.Config.AddsTextAndTime ? reference.Input("unet.pooled") : null);

    private static Tensor? TimeIds(ReferenceFolder reference, LoadedModels models) =>
        models.UNet.Config.AddsTextAndTime ? reference.Input("unet.time_ids") : null;

    private IEnumerable<Quantity> Starting(string prefix, double limit, Func<string, Tensor> compute) =>
        from name in reference.ExpectedNames
        where name.StartsWith(prefix, StringComparison.Ordinal)
        select new Quantity(name, limit, () => compute(name[prefix.Length..]));

    private Tensor Forward(Tensor timesteps) => models.UNet.Forward(
        reference.Input("unet.sample"), timesteps, Text(reference, models), TimeIds(reference, models));

    /// <summary>Of a latent of another shape, with the first text.</summary>
    private Tensor OutputOfOneText(string name, int size)
    {
        var sample = reference.Input(name);
        var text = Text(reference, models).Map(part => part.narrow(0, 0, 1));
        return models.UNet.Forward(sample, Everywhere(OddTimestep, sample), text, TimeIds(reference, models)?.narrow(0, size, 1));
    }

    /// <summary>What each layer gives in the output at <see cref="LossTimestep"/>, of the first picture.</summary>
    private Dictionary<string, Tensor> ComputeLayers()
    {
        var outputs = new Dictionary<string, Tensor>();
        models.UNet.Parameters.OnOutput = (layer, output) => outputs[layer] = output.narrow(0, 0, 1).clone().DetachFromDisposeScope();
        using var noGrad = no_grad();
        using var output = Output(reference, models, LossTimestep);
        models.UNet.Parameters.OnOutput = null;
        return outputs;
    }

    private Gradients ComputeGradients()
    {
        var parameters = models.UNet.Parameters;
        parameters.TrackGradients();
        try
        {
            var sample = reference.Input("unet.sample").requires_grad_();
            var text = Text(reference, models).Map(part => part.requires_grad_());
            var output = models.UNet.Forward(sample, Everywhere(LossTimestep, sample), text, TimeIds(reference, models));
            var loss = nn.functional.mse_loss(output, reference.Input("unet.noise_target"));
            loss.backward();
            return new(loss.detach(), text.Map(part => part.grad!), sample.grad!, parameters.FlatGrad.clone());
        }
        finally
        {
            parameters.StopTrackingGradients();
        }
    }

    [GeneratedRegex(@"^unet\.out\.t(?<timestep>\d+)$")]
    private static partial Regex OutputName { get; }

    /// <summary>The loss, and its gradients by embedding, sample and parameters (flat).</summary>
    private sealed record Gradients(Tensor Loss, TextEmbedding Embedding, Tensor Sample, Tensor Parameters);
}

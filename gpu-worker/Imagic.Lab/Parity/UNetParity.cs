using System.Text.RegularExpressions;
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

    public IEnumerable<Quantity> Quantities()
    {
        var gradients = new Lazy<Gradients>(ComputeGradients);
        return
        [
            .. from name in reference.ExpectedNames
               let match = OutputName.Match(name)
               where match.Success
               let timestep = int.Parse(match.Groups["timestep"].Value)
               select new Quantity(name, Limits.Module, () => Output(reference, models, timestep)),
            new("unet.out.mixed", Limits.Module, () => Forward(reference.Input("unet.timesteps_mixed"))),
            new("unet.out.odd", Limits.Module, OddOutput),
            new("unet.loss", Limits.Module, () => gradients.Value.Loss),
            new("unet.grad_emb", Limits.Gradient, () => gradients.Value.Embedding),
            new("unet.grad_sample", Limits.Gradient, () => gradients.Value.Sample),
            new("unet.grad_norms", Limits.Gradient, () => gradients.Value.ParameterNorms),
        ];
    }

    /// <summary>What the UNet with its present weights makes of the recorded input, (B, C, h, w).</summary>
    public static Tensor Output(ReferenceFolder reference, LoadedModels models, int timestep)
    {
        var sample = reference.Input("unet.sample");
        return models.UNet.Forward(sample, Everywhere(timestep, sample), reference.Input("unet.emb"));
    }

    /// <summary>L2 norm of each parameter's piece of a flat buffer, in the order of the recorded names.</summary>
    public static Tensor Norms(ReferenceFolder reference, ParameterSet parameters, Tensor flat) =>
        stack([.. reference.UNetParamNames.Select(name => Piece(parameters, flat, name).norm())]);

    /// <summary>The piece of a flat buffer that belongs to a parameter.</summary>
    /// <exception cref="ModelPackageException">The UNet has no such parameter.</exception>
    public static Tensor Piece(ParameterSet parameters, Tensor flat, string name) =>
        parameters.Parameters.FirstOrDefault(parameter => parameter.Name == name) is { } found
            ? ParameterSet.View(flat, found)
            : throw new ModelPackageException(ReferenceFolder.ManifestFile, $"the UNet has no parameter '{name}'.");

    private static Tensor Everywhere(int timestep, Tensor sample) =>
        full([sample.shape[0]], Held(timestep), dtype: ScalarType.Int64, device: sample.device);

    private Tensor Forward(Tensor timesteps) =>
        models.UNet.Forward(reference.Input("unet.sample"), timesteps, reference.Input("unet.emb"));

    /// <summary>Of a latent that is not halved evenly on the way down, with the first text.</summary>
    private Tensor OddOutput()
    {
        var sample = reference.Input("unet.sample_odd");
        var text = reference.Input("unet.emb").narrow(0, 0, 1).expand(sample.shape[0], -1, -1);
        return models.UNet.Forward(sample, Everywhere(OddTimestep, sample), text);
    }

    private Gradients ComputeGradients()
    {
        var parameters = models.UNet.Parameters;
        parameters.TrackGradients();
        try
        {
            var sample = reference.Input("unet.sample").requires_grad_();
            var embedding = reference.Input("unet.emb").requires_grad_();
            var output = models.UNet.Forward(sample, Everywhere(LossTimestep, sample), embedding);
            var loss = nn.functional.mse_loss(output, reference.Input("unet.noise_target"));
            loss.backward();
            return new(loss.detach(), embedding.grad!, sample.grad!, Norms(reference, parameters, parameters.FlatGrad));
        }
        finally
        {
            parameters.StopTrackingGradients();
        }
    }

    [GeneratedRegex(@"^unet\.out\.t(?<timestep>\d+)$")]
    private static partial Regex OutputName { get; }

    /// <summary>The loss, and its gradients by embedding, sample and parameters.</summary>
    private sealed record Gradients(Tensor Loss, Tensor Embedding, Tensor Sample, Tensor ParameterNorms);
}

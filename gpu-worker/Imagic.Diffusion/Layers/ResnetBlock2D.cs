using Imagic.Diffusion.Weights;
using static TorchSharp.torch;

namespace Imagic.Diffusion.Layers;

/// <summary>
/// Two normalized convolutions beside a shortcut, (B, in, H, W) → (B, out, H, W); in the UNet the time embedding is
/// added between them. diffusers <c>models/resnet.py</c>, ResnetBlock2D.
/// </summary>
/// <param name="scope">Where the parameters are declared.</param>
/// <param name="inChannels">Channels in.</param>
/// <param name="outChannels">Channels out.</param>
/// <param name="groups">Groups of both normalizations.</param>
/// <param name="eps">Epsilon of both normalizations.</param>
/// <param name="timeChannels">Width of the time embedding; null in the autoencoder, which has none.</param>
internal sealed class ResnetBlock2D(
    ParameterScope scope, long inChannels, long outChannels, long groups, double eps, long? timeChannels = null)
{
    private readonly GroupNorm _norm1 = new(scope["norm1"], groups, inChannels, eps);
    private readonly Conv2d _conv1 = new(scope["conv1"], inChannels, outChannels, kernel: 3, padding: 1);
    private readonly Linear? _timeProjection =
        timeChannels is { } channels ? new(scope["time_emb_proj"], channels, outChannels) : null;
    private readonly GroupNorm _norm2 = new(scope["norm2"], groups, outChannels, eps);
    private readonly Conv2d _conv2 = new(scope["conv2"], outChannels, outChannels, kernel: 3, padding: 1);
    private readonly Conv2d? _shortcut =
        inChannels == outChannels ? null : new(scope["conv_shortcut"], inChannels, outChannels, kernel: 1);

    /// <param name="x">(B, in, H, W).</param>
    /// <param name="time">(B, timeChannels), SiLU already applied: it is the same for every block.</param>
    public Tensor Forward(Tensor x, Tensor? time = null)
    {
        using var temporaries = NewDisposeScope();
        var hidden = _norm1.Forward(x).Silu().Then(_conv1.Forward);
        if (_timeProjection is not null && time is not null)
        {
            hidden = hidden.Plus(_timeProjection.Forward(time).unsqueeze(-1).unsqueeze(-1));
        }

        hidden = hidden.Then(_norm2.Forward).Silu().Then(_conv2.Forward);
        return scope.Gave(hidden.Plus(_shortcut?.Forward(x) ?? x).MoveToOuterDisposeScope());
    }
}

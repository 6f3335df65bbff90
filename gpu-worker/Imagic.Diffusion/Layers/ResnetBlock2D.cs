using Imagic.Diffusion.Weights;
using static Imagic.Diffusion.Scalars;
using static TorchSharp.torch;

namespace Imagic.Diffusion.Layers;

/// <summary>What a resnet does to the size of its input.</summary>
internal enum Resampling
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>Means of 2×2.</summary>
    Down,

    /// <summary>Each position twice in both directions.</summary>
    Up,
}

/// <summary>In what the resnets of pixel models differ from those of latent ones.</summary>
/// <param name="Activation">What follows both normalizations.</param>
/// <param name="ScaleShift">Whether the time embedding scales and shifts what is normalized, not adds to what comes before.</param>
/// <param name="OutputScaleFactor">What the sum with the shortcut is divided by.</param>
/// <param name="Resampling">What happens before the first convolution, also on the shortcut.</param>
internal sealed record ResnetOptions(
    Activation Activation = Activation.Silu, bool ScaleShift = false, double OutputScaleFactor = 1, Resampling Resampling = Resampling.None);

/// <summary>
/// Two normalized convolutions beside a shortcut, (B, in, H, W) → (B, out, H', W'); in the UNet the time embedding comes
/// in between them. diffusers <c>models/resnet.py</c>, ResnetBlock2D.
/// </summary>
/// <param name="scope">Where the parameters are declared.</param>
/// <param name="inChannels">Channels in.</param>
/// <param name="outChannels">Channels out.</param>
/// <param name="groups">Groups of both normalizations.</param>
/// <param name="eps">Epsilon of both normalizations.</param>
/// <param name="timeChannels">Width of the time embedding; null in the autoencoder, which has none.</param>
/// <param name="options">What is not as in latent models.</param>
internal sealed class ResnetBlock2D(
    ParameterScope scope, long inChannels, long outChannels, long groups, double eps, long? timeChannels = null, ResnetOptions? options = null)
{
    private readonly ResnetOptions _options = options ?? new();
    private readonly GroupNorm _norm1 = new(scope["norm1"], groups, inChannels, eps);
    private readonly Conv2d _conv1 = new(scope["conv1"], inChannels, outChannels, kernel: 3, padding: 1);
    private readonly Linear? _timeProjection = timeChannels is { } channels
        ? new(scope["time_emb_proj"], channels, options is { ScaleShift: true } ? 2 * outChannels : outChannels)
        : null;
    private readonly GroupNorm _norm2 = new(scope["norm2"], groups, outChannels, eps);
    private readonly Conv2d _conv2 = new(scope["conv2"], outChannels, outChannels, kernel: 3, padding: 1);
    private readonly Conv2d? _shortcut =
        inChannels == outChannels ? null : new(scope["conv_shortcut"], inChannels, outChannels, kernel: 1);

    /// <param name="x">(B, in, H, W).</param>
    /// <param name="time">(B, timeChannels), activation already applied: it is the same for every block.</param>
    public Tensor Forward(Tensor x, Tensor? time = null)
    {
        using var temporaries = NewDisposeScope();
        var hidden = _norm1.Forward(x).Activate(_options.Activation);
        if (_options.Resampling != Resampling.None) (hidden, x) = (hidden.Then(Resample), Resample(x));
        hidden = hidden.Then(_conv1.Forward);
        hidden = time is null || _timeProjection is null
            ? hidden.Then(_norm2.Forward)
            : WithTime(hidden, _timeProjection.Forward(time).unsqueeze(-1).unsqueeze(-1));
        hidden = hidden.Activate(_options.Activation).Then(_conv2.Forward).Plus(_shortcut?.Forward(x) ?? x);
        if (_options.OutputScaleFactor != 1) hidden = hidden.Then(sum => sum / Held(_options.OutputScaleFactor));
        return scope.Gave(hidden.MoveToOuterDisposeScope());
    }

    private Tensor WithTime(Tensor hidden, Tensor time)
    {
        if (!_options.ScaleShift) return hidden.Plus(time).Then(_norm2.Forward);
        var parts = time.chunk(2, dim: 1);
        return hidden.Then(_norm2.Forward).Times(parts[0].add(One, One)).Plus(parts[1]);
    }

    private Tensor Resample(Tensor x) => _options.Resampling == Resampling.Down
        ? nn.functional.avg_pool2d(x, kernel_size: 2, stride: 2)
        : nn.functional.interpolate(x, size: [2 * x.shape[2], 2 * x.shape[3]], mode: InterpolationMode.Nearest);
}

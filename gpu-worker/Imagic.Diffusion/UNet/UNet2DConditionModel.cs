using Imagic.Diffusion.Layers;
using Imagic.Diffusion.Weights;
using static TorchSharp.torch;

namespace Imagic.Diffusion.UNet;

/// <summary>
/// The denoiser of Stable Diffusion 1.x, 2.x and XL and of DeepFloyd IF. Parameters are declared under diffusers' state-dict keys
/// (<c>models/unets/unet_2d_condition.py</c>); bind the set before the first <see cref="Forward"/>.
/// </summary>
public sealed class UNet2DConditionModel : IDisposable
{
    private readonly Conv2d _convIn;
    private readonly Sinusoids _timeProjection;
    private readonly TimestepEmbedding _timeEmbedding;
    private readonly TimestepEmbedding? _classEmbedding;
    private readonly IAddEmbedding? _addEmbedding;
    private readonly DownBlock2D[] _downBlocks;
    private readonly UNetMidBlock2DCrossAttn _midBlock;
    private readonly UpBlock2D[] _upBlocks;
    private readonly GroupNorm _normOut;
    private readonly Conv2d _convOut;

    /// <summary>Declares the parameters of the model that <paramref name="config"/> describes.</summary>
    /// <param name="config">A validated configuration.</param>
    /// <param name="parameters">Receives the parameters; the model owns it from here.</param>
    public UNet2DConditionModel(UNet2DConditionConfig config, ParameterSet parameters)
    {
        Config = config;
        Parameters = parameters;
        var root = parameters.Root;
        var finest = config.BlockOutChannels[0];

        _convIn = new(root["conv_in"], config.InChannels, finest, kernel: 3, padding: 1);
        _timeProjection = new(finest, config.FlipSinToCos, config.FreqShift);
        _timeEmbedding = new(root["time_embedding"], finest, config.TimeEmbedDim, config.Activation);
        if (config.ClassEmbedType is not null) _classEmbedding = new(root["class_embedding"], finest, config.TimeEmbedDim, config.Activation);
        if (config.AddsTextAndTime) _addEmbedding = new TextTimeAddition(root["add_embedding"], config);
        if (config.AddsText) _addEmbedding = new TextAddition(root["add_embedding"], config);
        var projection = config.EncoderHidDim is { } width ? new TextProjection(root["encoder_hid_proj"], width, config.CrossAttentionDim) : null;

        var skipChannels = new Stack<int>([finest]);
        _downBlocks = new DownBlock2D[config.Levels];
        for (var level = 0; level < config.Levels; level++)
        {
            _downBlocks[level] = new(root["down_blocks"][level], config, level, projection, skipChannels);
        }

        _midBlock = new(root["mid_block"], config, projection);

        _upBlocks = new UpBlock2D[config.Levels];
        for (var (index, below) = (0, config.BlockOutChannels[^1]); index < config.Levels; index++)
        {
            _upBlocks[index] = new(root["up_blocks"][index], config, index, below, projection, skipChannels);
            below = config.BlockOutChannels[^(index + 1)];
        }

        _normOut = new(root["conv_norm_out"], config.NormNumGroups, finest, config.NormEps);
        _convOut = new(root["conv_out"], finest, config.OutChannels, kernel: 3, padding: 1);
    }

    public UNet2DConditionConfig Config { get; }

    /// <summary>All weights, in diffusers' names.</summary>
    public ParameterSet Parameters { get; }

    /// <summary>
    /// The model's estimate for a noisy latent, (B, C, h, w): the noise or the velocity, as the scheduler's
    /// configuration says.
    /// </summary>
    /// <param name="sample">(B, C, h, w) in the dtype of the parameters; any h and w.</param>
    /// <param name="timesteps">(B), float32 or int64 training timesteps.</param>
    /// <param name="text">What is told of the text, in the dtype of the parameters.</param>
    /// <param name="timeIds">What SDXL is told of the picture's size, see <see cref="TextContext"/>.</param>
    /// <param name="noiseLevels">How noisy the low-resolution part of the sample is, as a timestep, (B); super-resolution only.</param>
    /// <param name="recomputation">Keeps little for the way back; null keeps everything that autograd asks for.</param>
    public Tensor Forward(Tensor sample, Tensor timesteps, TextEmbedding text, Tensor? timeIds = null, Tensor? noiseLevels = null, Recomputation? recomputation = null)
    {
        if (is_grad_enabled()) return Forward(sample, timesteps, noiseLevels, recomputation?.Of(text, timeIds) ?? (Pass)new GraphPass(text, timeIds));
        using var context = new TextContext(text, timeIds);
        return Forward(sample, timesteps, context, noiseLevels);
    }

    /// <summary>The same for a text that more steps will ask for.</summary>
    /// <param name="sample">(B, C, h, w) in the dtype of the parameters; any h and w.</param>
    /// <param name="timesteps">(B), float32 or int64 training timesteps.</param>
    /// <param name="text">Used with these weights only.</param>
    /// <param name="noiseLevels">How noisy the low-resolution part of the sample is, as a timestep, (B); super-resolution only.</param>
    public Tensor Forward(Tensor sample, Tensor timesteps, TextContext text, Tensor? noiseLevels = null) =>
        Forward(sample, timesteps, noiseLevels, new PlainPass(text));

    private Tensor Forward(Tensor sample, Tensor timesteps, Tensor? noiseLevels, Pass pass)
    {
        using var temporaries = NewDisposeScope();
        var root = Parameters.Root;

        // 1. Time: every resnet reads its activation.
        var time = pass.Run(Time, noiseLevels is null ? [timesteps] : [timesteps, noiseLevels]);

        // 2. In.
        var hidden = root["conv_in"].Gave(pass.Run((x, _) => _convIn.Forward(x[0]), sample));

        // 3. Down; every state is kept for the way up.
        var skips = new Stack<Tensor>([hidden]);
        foreach (var (level, block) in _downBlocks.Index())
        {
            foreach (var state in block.Forward(hidden, time, pass)) skips.Push(state);
            hidden = root["down_blocks"][level].Gave(skips.Peek());
        }

        // 4. Middle.
        hidden = _midBlock.Forward(hidden, time, pass);

        // 5. Up; each block uses up its skips.
        foreach (var (index, block) in _upBlocks.Index())
            hidden = root["up_blocks"][index].Gave(block.Forward(hidden, skips, time, pass));

        // 6. Out.
        var last = hidden;
        var estimate = pass.Run((x, _) => _normOut.Forward(x[0]).Activate(Config.Activation).Then(_convOut.Forward), last);
        pass.Release(last);
        return estimate.MoveToOuterDisposeScope();
    }

    private Tensor Time(Tensor[] timesteps, TextContext text)
    {
        using var temporaries = NewDisposeScope();
        var time = _timeProjection.Of(timesteps[0]).to(Parameters.Dtype).Then(_timeEmbedding.Forward);
        if (_classEmbedding is not null)
        {
            if (timesteps is not [_, var noiseLevels]) throw new ArgumentException("the UNet also takes noise levels", nameof(timesteps));
            time = time.Plus(_timeProjection.Of(noiseLevels).to(Parameters.Dtype).Then(_classEmbedding.Forward));
        }

        if (_addEmbedding is not null) time = time.Plus(text.For(_addEmbedding));
        if (Config.TimeActivation is { } activation) time = time.Activate(activation);
        return (Config.ResnetSkipTimeAct ? time : time.Activate(Config.Activation)).MoveToOuterDisposeScope();
    }

    public void Dispose() => Parameters.Dispose();
}

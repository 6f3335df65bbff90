using Imagic.Diffusion.Configuration;
using static Imagic.Diffusion.Scalars;
using static TorchSharp.torch;

namespace Imagic.Diffusion.Schedulers;

/// <summary>
/// Pseudo linear multi-step method (PLMS), arXiv 2202.09778, without Runge-Kutta steps: the first step is done twice
/// instead, so n steps evaluate the model n + 1 times. diffusers <c>schedulers/scheduling_pndm.py</c>.
/// </summary>
public sealed class PndmScheduler : IScheduler
{
    private const int HistoryLength = 3; // and the newest output: order 4

    // Every file of a latent diffusion model says so; one of another scheduler, which says nothing, means the same.
    private static readonly SupportedValues Supported = new(new() { ["skip_prk_steps"] = [true], ["thresholding"] = [false] });

    private readonly PredictionType _predictionType;
    private readonly AlphaTable _alphas;
    private readonly int _stride;

    /// <summary>A run of <paramref name="steps"/> steps.</summary>
    /// <param name="config">A validated configuration.</param>
    /// <param name="steps">Steps, one less than model evaluations.</param>
    /// <exception cref="ArgumentOutOfRangeException">Too many steps.</exception>
    /// <exception cref="Weights.ModelPackageException">The file asks for Runge-Kutta steps.</exception>
    public PndmScheduler(SchedulerConfig config, int steps)
    {
        config.Require(Supported);
        _predictionType = config.PredictionType;
        // The original knows no rescaled β, and the step from ᾱ = 0 divides by it.
        _alphas = new(config with { RescaleBetasZeroSnr = false }, endsInOne: config.SetAlphaToOne ?? false);
        var timesteps = TimestepTable.Create(config.TimestepSpacing ?? TimestepSpacing.Leading, steps, config);
        _stride = config.NumTrainTimesteps / steps;
        float[] whole = [.. timesteps.Select(t => (float)Math.Round(t))];
        Timesteps = steps == 1 ? whole : [whole[0], whole[1], .. whole[1..]];
    }

    public IReadOnlyList<float> Timesteps { get; }

    public float InitNoiseSigma => 1;

    public Tensor ScaleModelInput(Tensor sample, int index) => sample.alias();

    public SchedulerStep Step(
        Tensor modelOutput, int index, Tensor sample, IReadOnlyList<Tensor> history, Tensor? noise = null)
    {
        using var scope = NewDisposeScope();
        var timestep = (int)Timesteps[index];
        switch (index)
        {
            case 0: // from here to the next timestep
                return new(
                    Transfer(sample, modelOutput, timestep, timestep - _stride),
                    [Keep(modelOutput), Keep(sample)]);
            case 1: // once more the same way, with the mean of the slopes at both ends (Heun)
                return new(
                    Transfer(history[1], modelOutput.add(history[0], One) / Held(2), timestep + _stride, timestep),
                    [Keep(history[0])]);
            default:
                Tensor[] outputs = [modelOutput, .. history];
                return new(
                    Transfer(sample, AdamsBashforth(outputs), timestep, timestep - _stride),
                    [.. outputs.Take(HistoryLength).Select(Keep)]);
        }
    }

    /// <summary>Extrapolates from the outputs, newest first; formula (12).</summary>
    private static Tensor AdamsBashforth(Tensor[] e) => e.Length switch
    {
        2 => (e[0] * Held(3) - e[1]) / Held(2),
        3 => (e[0] * Held(23) - e[1] * Held(16)).add(e[2] * Held(5), One) / Held(12),
        _ => ((e[0] * Held(55) - e[1] * Held(59)).add(e[2] * Held(37), One) - e[3] * Held(9)) / Held(24),
    };

    /// <summary>A handle of its own for the caller, who disposes what the step gives and what it was given.</summary>
    private static Tensor Keep(Tensor x) => x.alias().MoveToOuterDisposeScope();

    /// <summary>x at timestep <paramref name="to"/>; formula (9), which is DDIM's step.</summary>
    private Tensor Transfer(Tensor x, Tensor output, int from, int to)
    {
        var (now, next) = (_alphas[from], _alphas[to]);
        var epsilon = _predictionType.Noise(output, x, Math.Sqrt(now), Math.Sqrt(1 - now));
        var slope = (next - now) / (now * Math.Sqrt(1 - next) + Math.Sqrt(now * (1 - now) * next));
        return (x * Held(Math.Sqrt(next / now)) - epsilon * Held(slope)).MoveToOuterDisposeScope();
    }
}

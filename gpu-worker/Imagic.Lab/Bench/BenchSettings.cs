using System.Globalization;
using Imagic.Cli.Edit;
using static TorchSharp.torch;

namespace Imagic.Lab.Bench;

/// <param name="Config">Folder with unet/, vae/, text_encoder/ and scheduler/ configurations; weights are not read.</param>
/// <param name="Latent">Height and width in latent pixels.</param>
/// <param name="Batch">Pictures, or noises of one training step, computed together.</param>
/// <param name="Precision">What the UNet computes in.</param>
/// <param name="Device">Where.</param>
/// <param name="Threads">CPU threads.</param>
/// <param name="Runs">Timed repetitions of each phase.</param>
/// <param name="Tuning">What <see cref="BenchPhase.FineTune"/> moves.</param>
/// <param name="Recompute">Whether training computes each layer again on the way back.</param>
internal sealed record BenchSettings(
    string Config, LatentSize Latent, int Batch, Precision Precision, Device Device, int Threads, int Runs,
    Tuning Tuning = Tuning.Full, bool Recompute = false)
{
    public FineTuneSettings FineTune =>
        new(int.MaxValue, 2e-6) { Batch = Batch, Tuning = Tuning, Rank = Tuning == Tuning.Lora ? FineTuneSettings.DefaultRank : null };

    public ScalarType Dtype => Precision.ToScalarType();

    /// <summary>The command line that has a process measure <paramref name="phase"/> with these settings.</summary>
    public string[] Arguments(BenchPhase phase) =>
    [
        "bench", "--config", Config, "--latent", Latent.ToString(), "--batch", Text(Batch),
        "--dtype", Precision.ToString(), "--device", Device.ToString(), "--threads", Text(Threads), "--runs", Text(Runs),
        "--tuning", Tuning.Name(), "--recompute", Recompute.ToString(),
        "--phase", phase.ToString(),
    ];

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}

/// <summary>A size in latent pixels, height first.</summary>
internal readonly record struct LatentSize(int Height, int Width)
{
    /// <exception cref="BadInputException">It is not HEIGHTxWIDTH.</exception>
    public static LatentSize Parse(string text) =>
        text.Split('x') is [var h, var w] && int.TryParse(h, out var height) && int.TryParse(w, out var width) && height > 0 && width > 0
            ? new(height, width)
            : throw new BadInputException($"--latent takes HEIGHTxWIDTH in latent pixels such as 64x64; got '{text}'.");

    public override string ToString() => $"{Height}x{Width}";
}

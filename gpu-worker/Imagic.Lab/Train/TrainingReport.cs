using System.Globalization;
using System.Text.Json;
using Imagic.Editing.Checkpoints;
using static TorchSharp.torch;

namespace Imagic.Lab.Train;

/// <summary>Measures of a training, <c>report.json</c>.</summary>
/// <param name="DataSet">SHA-256 of the data set.</param>
/// <param name="Psnr">Of the autoencoder on held-out pictures, dB.</param>
/// <param name="ScalingFactor">Of its latents.</param>
public sealed record TrainingReport(string DataSet, double Psnr, double ScalingFactor, IReadOnlyList<NetworkReport> Networks)
{
    public const string FileName = "report.json";

    public void Write(string path) =>
        File.WriteAllText(path, JsonSerializer.Serialize(this, LabJson.Indented.TrainingReport) + "\n");
}

/// <param name="Steps">Updates in all.</param>
/// <param name="Pictures">Pictures seen in all.</param>
/// <param name="PicturesPerSecond">Over the time that all runs took.</param>
/// <param name="FinalLoss">Mean of the last hundred steps.</param>
public sealed record NetworkReport(string Name, int Steps, long Pictures, double PicturesPerSecond, double FinalLoss)
{
    private const int Last = 100;

    /// <summary>Describes a training that has ended, and writes the loss of each step as <c>losses/NAME.csv</c>.</summary>
    internal static NetworkReport Write(string folder, Checkpoint trained, int batch)
    {
        using var tensor = trained.Read("losses", CPU);
        float[] losses = [.. tensor.data<float>()];
        var (name, steps) = (trained.Manifest.Stage, trained.Manifest.Step);
        var path = Path.Combine(folder, "losses", $"{name}.csv");
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllLines(path, ["step,loss", .. losses.Select((loss, step) => string.Create(CultureInfo.InvariantCulture, $"{step + 1},{loss:G6}"))]);
        return new(
            name, steps, (long)steps * batch, (double)steps * batch / trained.Manifest.Seconds,
            losses.TakeLast(Last).Select(loss => (double)loss).DefaultIfEmpty(0).Average());
    }
}

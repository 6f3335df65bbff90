using System.Text.Json;

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
    const int Last = 100;

    /// <summary>Describes a training that has ended.</summary>
    /// <param name="losses">Of each step.</param>
    internal static NetworkReport Of(string name, int steps, int batch, double seconds, float[] losses) => new(
        name, steps, (long)steps * batch, (double)steps * batch / seconds,
        losses.TakeLast(Last).Select(loss => (double)loss).DefaultIfEmpty(0).Average());
}

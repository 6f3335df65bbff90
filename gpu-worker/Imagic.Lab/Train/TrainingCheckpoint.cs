using System.Globalization;
using Imagic.Diffusion.Weights;

namespace Imagic.Lab.Train;

/// <summary>The state of one training in one file, which is there whole or as it was before.</summary>
static class TrainingCheckpoint
{
    const string StepKey = "step", FingerprintKey = "fingerprint";

    public static void Write(string path, NetworkTrainer trainer, string fingerprint) => SafetensorsWriter.WriteFile(
        path, [.. trainer.State().Select(tensor => (tensor.Name, tensor.Value))],
        new Dictionary<string, string>
        {
            [StepKey] = trainer.Step.ToString(CultureInfo.InvariantCulture),
            [FingerprintKey] = fingerprint,
        });

    /// <summary>Puts the trainer where the file was written; does nothing where there is none.</summary>
    /// <exception cref="BadInputException">It is of another configuration or data set.</exception>
    public static void Restore(string path, NetworkTrainer trainer, string fingerprint)
    {
        if (!File.Exists(path))
            return;
        using var file = SafetensorsFile.Open(path);
        if (file.Metadata.GetValueOrDefault(FingerprintKey) != fingerprint)
        {
            throw new BadInputException(
                $"{path} is of a training with another configuration, data set, device or precision. Choose another --out, or delete it to begin anew.");
        }
        trainer.Restore(file, int.Parse(file.Metadata[StepKey], CultureInfo.InvariantCulture));
    }
}

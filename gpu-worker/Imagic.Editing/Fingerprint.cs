using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Imagic.Editing;

/// <summary>
/// SHA-256 of everything that the numbers of a stage depend on, chained from stage to stage, so that a checkpoint is
/// only used for the very same computation, and changing η keeps the tuning.
/// </summary>
public static class Fingerprint
{
    internal sealed record OptimizeInputs(
        int Schema, string Model, string Source, string Precision, string TargetText, string NegativeText, LatentMode Latent,
        long Seed, DescentSettings? Optimize);

    /// <summary>Fingerprint of each stage.</summary>
    /// <param name="settings">Settings of the edit.</param>
    /// <param name="model">Content hash of the model package.</param>
    /// <param name="source">The source picture at the model's working size.</param>
    /// <param name="precision">What the UNet computes in, and on which type of device.</param>
    public static IReadOnlyDictionary<EditStage, string> Of(EditSettings settings, string model, RgbImage source, string precision)
    {
        var pixels = $"{source.Width}x{source.Height} {Convert.ToHexStringLower(SHA256.HashData(source.Pixels))}";
        var inputs = new OptimizeInputs(
            1, model, pixels, precision, settings.TuningTexts.TargetText, settings.TuningTexts.NegativeText, settings.Latent, settings.Seed, settings.Optimize);
        var optimize = Hash("", inputs, EditingJson.Default.OptimizeInputs);
        // Without a tuning there is nothing before the pictures but the source and the texts.
        if (!settings.Sample.Method.Tunes())
            return new Dictionary<EditStage, string> { [EditStage.Sample] = Hash(Hash("", inputs with { Optimize = null }, EditingJson.Default.OptimizeInputs), settings.Sample, EditingJson.Default.SamplingSettings) };
        var fineTune = Hash(optimize, settings.FineTune, EditingJson.Default.FineTuneSettings);
        var sample = Hash(fineTune, settings.Sample, EditingJson.Default.SamplingSettings);
        if (settings.Tuned is not null) sample = Hash(sample, new(settings.TargetText, settings.NegativeText), EditingJson.Default.EditTexts);
        var fingerprints = new Dictionary<EditStage, string>
        {
            [EditStage.Optimize] = optimize,
            [EditStage.FineTune] = fineTune,
            [EditStage.Sample] = sample,
        };
        if (settings.SuperResolution is not { } super) return fingerprints;

        // It is tuned with the target text's own embedding: the same, however that of the base is optimized.
        var conditions = Hash("", inputs with { Optimize = null }, EditingJson.Default.OptimizeInputs);
        var fineTuneSuper = Hash(conditions, super.FineTune, EditingJson.Default.FineTuneSettings);
        fingerprints[EditStage.FineTuneSuperResolution] = fineTuneSuper;
        fingerprints[EditStage.Sample] = Hash(sample + fineTuneSuper, super, EditingJson.Default.SuperResolutionSettings);
        return fingerprints;
    }

    private static string Hash<T>(string before, T value, JsonTypeInfo<T> type) =>
        Convert.ToHexStringLower(SHA256.HashData([.. Convert.FromHexString(before), .. JsonSerializer.SerializeToUtf8Bytes(value, type)]));
}

using System.Text.Json;
using System.Text.Json.Serialization;
using Imagic.Editing.Checkpoints;

namespace Imagic.Editing;

/// <summary>Manifests of checkpoints, and what fingerprints are made of: its spelling is part of every fingerprint.</summary>
[JsonSerializable(typeof(CheckpointManifest))]
[JsonSerializable(typeof(Fingerprint.OptimizeInputs))]
[JsonSerializable(typeof(EditTexts))]
[JsonSerializable(typeof(FineTuneSettings))]
[JsonSerializable(typeof(SamplingSettings))]
[JsonSerializable(typeof(SuperResolutionSettings))]
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, UseStringEnumConverter = true)]
internal sealed partial class EditingJson : JsonSerializerContext
{
    /// <summary>The same over several lines.</summary>
    public static EditingJson Indented => field ??= new(new JsonSerializerOptions(Default.Options) { WriteIndented = true });
}

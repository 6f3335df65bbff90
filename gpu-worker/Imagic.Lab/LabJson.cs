using System.Text.Json;
using System.Text.Json.Serialization;
using Imagic.Lab.Bench;
using Imagic.Lab.DataSet;
using Imagic.Lab.EmojiEdBench;
using Imagic.Lab.Parity;
using Imagic.Lab.Train;
using Imagic.Lab.Train.Scorer;

namespace Imagic.Lab;

/// <summary>What the lab writes, as the rest of Imagic spells it.</summary>
[JsonSerializable(typeof(BenchEdit))]
[JsonSerializable(typeof(BenchRecord))]
[JsonSerializable(typeof(DataSetItem))]
[JsonSerializable(typeof(DataSetManifest))]
[JsonSerializable(typeof(EvalFigures))]
[JsonSerializable(typeof(EvalRecord))]
[JsonSerializable(typeof(ParityReport))]
[JsonSerializable(typeof(TrainingReport))]
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, UseStringEnumConverter = true, RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true, NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals)]
internal sealed partial class LabJson : JsonSerializerContext
{
    /// <summary>The same over several lines.</summary>
    public static LabJson Indented => field ??= new(new JsonSerializerOptions(Default.Options) { WriteIndented = true });
}

/// <summary>What describes models and reference folders, as diffusers spells it.</summary>
[JsonSerializable(typeof(GenerationManifest))]
[JsonSerializable(typeof(ReferenceManifest))]
[JsonSerializable(typeof(ScorerConfig))]
[JsonSerializable(typeof(TrainConfig))]
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true, WriteIndented = true)]
internal sealed partial class ModelJson : JsonSerializerContext
{
    /// <summary>For files that people write: a name that says nothing is a mistake.</summary>
    public static ModelJson Strict => field ??=
        new(new JsonSerializerOptions(Default.Options) { UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow });
}

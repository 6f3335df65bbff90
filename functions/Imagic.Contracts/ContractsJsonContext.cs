using System.Text.Json.Serialization;
using Imagic.Contracts.Batches;
using Imagic.Contracts.Edits;
using Imagic.Contracts.Models;
using Imagic.Contracts.Results;
using Imagic.Contracts.Settings;
using Imagic.Contracts.Stages;

namespace Imagic.Contracts;

/// <summary>
/// JSON of the contracts: camelCase, enums as strings, absent instead of null. What a constructor needs must be there:
/// half a message is no message.
/// </summary>
[JsonSerializable(typeof(EditRecord))]
[JsonSerializable(typeof(EditRequest))]
[JsonSerializable(typeof(EditView))]
[JsonSerializable(typeof(EditList))]
[JsonSerializable(typeof(EditSummary))]
[JsonSerializable(typeof(EditSettings))]
[JsonSerializable(typeof(EditOverrides))]
[JsonSerializable(typeof(WorkingSize))]
[JsonSerializable(typeof(StageMessage))]
[JsonSerializable(typeof(BatchReport))]
[JsonSerializable(typeof(BatchSummary))]
[JsonSerializable(typeof(BatchView))]
[JsonSerializable(typeof(ResultManifest))]
[JsonSerializable(typeof(UploadRequest))]
[JsonSerializable(typeof(UploadTicket))]
[JsonSerializable(typeof(ModelManifest))]
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    UseStringEnumConverter = true,
    RespectRequiredConstructorParameters = true,
    RespectNullableAnnotations = true,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
public sealed partial class ContractsJsonContext : JsonSerializerContext;

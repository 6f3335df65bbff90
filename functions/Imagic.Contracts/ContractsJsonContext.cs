using System.Text.Json.Serialization;
using Imagic.Contracts.Batches;
using Imagic.Contracts.Edits;
using Imagic.Contracts.Models;
using Imagic.Contracts.Results;
using Imagic.Contracts.Settings;
using Imagic.Contracts.Stages;
using Imagic.Contracts.Webhooks;

namespace Imagic.Contracts;

/// <summary>
/// JSON of the contracts: camelCase, enums as strings, absent instead of null. What a constructor needs must be there:
/// half a message is no message.
/// </summary>
[JsonSerializable(typeof(EditRecord))]
[JsonSerializable(typeof(EditRequest))]
[JsonSerializable(typeof(SampleRequest))]
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
[JsonSerializable(typeof(BatchList))]
[JsonSerializable(typeof(ResultManifest))]
[JsonSerializable(typeof(LinkedResults))]
[JsonSerializable(typeof(FileLink))]
[JsonSerializable(typeof(PictureSettings))]
[JsonSerializable(typeof(MarksReport))]
[JsonSerializable(typeof(UploadRequest))]
[JsonSerializable(typeof(UploadTicket))]
[JsonSerializable(typeof(ModelManifest))]
[JsonSerializable(typeof(ModelList))]
[JsonSerializable(typeof(HealthReport))]
[JsonSerializable(typeof(WebhookMessage))]
[JsonSerializable(typeof(WebhookStatus))]
[JsonSerializable(typeof(WebhookEvent<EditView>))]
[JsonSerializable(typeof(WebhookEvent<BatchSummary>))]
[JsonSerializable(typeof(WebhookEvent<WebhookTest>))]
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    UseStringEnumConverter = true,
    RespectRequiredConstructorParameters = true,
    RespectNullableAnnotations = true,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
public sealed partial class ContractsJsonContext : JsonSerializerContext;

using System.Text.Json.Serialization;
using Imagic.Contracts.Edits;
using Imagic.Contracts.Settings;
using Imagic.Functions.Edits;

namespace Imagic.Functions.Mcp;

/// <summary>What an agent is told of an edit: less than the whole view, which would fill its context.</summary>
internal sealed record ToolEdit(
    EditId EditId, EditState State, string Text, string Model, EditStage Stage, int? Step, int? Steps, double? SecondsLeft, EditProblem? Error, string Address)
{
    public static ToolEdit Of(EditRecord record, HttpRequest request)
    {
        var turn = record.ShownTurn();
        var progress = record.HasEnded() ? null : turn.Progress;
        return new(
            record.EditId, record.State, record.Settings.TargetText, record.Model, turn.Stage, progress?.Step, progress?.Steps, progress?.SecondsLeft,
            record.Error, EditAnswers.AddressOf(request, record.EditId));
    }
}

/// <param name="Side">Of the square that it was trained on, in pixels.</param>
internal sealed record ToolModel(string Name, int Side);

[JsonSerializable(typeof(ToolEdit))]
[JsonSerializable(typeof(List<ToolModel>))]
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, UseStringEnumConverter = true,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
internal sealed partial class ToolJsonContext : JsonSerializerContext;

using System.Text.Json;
using System.Text.Json.Serialization;

namespace Imagic.Training.EmojiEdBench;

/// <summary>What <c>--json</c> prints of a method.</summary>
public sealed record MethodFigures(double Top1, double Top5, double StyleKept, double Distance)
{
    public static MethodFigures Of(MethodSummary summary)
    {
        ArgumentNullException.ThrowIfNull(summary);
        return new(Math.Round(summary.Top1, 2), Math.Round(summary.Top5, 2), Math.Round(summary.StyleKept, 2), Math.Round(summary.Distance, 4));
    }
}

/// <summary>The one object of <c>--json</c>. SDEdit's figures are those at equal distance from the source.</summary>
public sealed record EvalFigures(MethodFigures Imagic, MethodFigures Sdedit, MethodFigures Text2image)
{
    public static EvalFigures Of(EvalSummary summary)
    {
        ArgumentNullException.ThrowIfNull(summary);
        return new(
            MethodFigures.Of(summary.Of(summary.Plan.Reported)), MethodFigures.Of(summary.SdEditAtEqualDistance()),
            MethodFigures.Of(summary.Of(new Rendering.TextToImage())));
    }

    public string ToJson() => JsonSerializer.Serialize(this, EvalJson.Default.EvalFigures);
}

/// <summary><c>scores.json</c>: every measure of every picture.</summary>
/// <param name="Model">SHA-256 of the model package.</param>
/// <param name="DataSet">SHA-256 of the data set.</param>
public sealed record EvalRecord(
    string Model, string DataSet, IReadOnlyDictionary<string, MethodSummary> Methods, IReadOnlyList<EditRecord> Edits)
{
    public static EvalRecord Of(EvalSummary summary, string model, string dataSet)
    {
        ArgumentNullException.ThrowIfNull(summary);
        var methods = EvalRows.Of(summary).ToDictionary(row => row.Name, row => row.Summary);
        foreach (var rendering in summary.Plan.Renderings) methods.TryAdd(EvalRows.Name(rendering), summary.Of(rendering));
        return new(model, dataSet, methods, [.. summary.Scores.Select(EditRecord.Of)]);
    }

    public byte[] ToJson() => JsonSerializer.SerializeToUtf8Bytes(this, EvalRecordJson.Default.EvalRecord);
}

public sealed record EditRecord(BenchEdit Edit, IReadOnlyDictionary<string, PictureRecord> Pictures)
{
    public static EditRecord Of(EditScore score)
    {
        ArgumentNullException.ThrowIfNull(score);
        return new(score.Edit, score.Pictures.ToDictionary(picture => EvalRows.Name(picture.Rendering), PictureRecord.Of));
    }
}

/// <inheritdoc cref="PictureScore"/>
public sealed record PictureRecord(int Rank, string Nearest, bool StyleKept, double Distance, double? Outside, double Psnr)
{
    public static PictureRecord Of(PictureScore score)
    {
        ArgumentNullException.ThrowIfNull(score);
        return new(score.Rank, score.Nearest, score.StyleKept, score.Distance, score.Outside, score.Psnr);
    }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(EvalFigures))]
sealed partial class EvalJson : JsonSerializerContext;

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true, UseStringEnumConverter = true)]
[JsonSerializable(typeof(EvalRecord))]
sealed partial class EvalRecordJson : JsonSerializerContext;

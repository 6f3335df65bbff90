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

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(EvalFigures))]
sealed partial class EvalJson : JsonSerializerContext;

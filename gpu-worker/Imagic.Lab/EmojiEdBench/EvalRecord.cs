using System.Text.Json;

namespace Imagic.Lab.EmojiEdBench;

/// <summary>What <c>--json</c> prints of a method.</summary>
public sealed record MethodFigures(double Top1, double Top5, double StyleKept, double Distance)
{
    public static MethodFigures Of(MethodSummary summary)
    {
        ArgumentNullException.ThrowIfNull(summary);
        return new(Math.Round(summary.Top1, 2), Math.Round(summary.Top5, 2), Math.Round(summary.StyleKept, 2), Math.Round(summary.Distance, 4));
    }
}

/// <summary>The one object of <c>--json</c>. SDEdit's figures are those at equal latent distance from the source.</summary>
public sealed record EvalFigures(MethodFigures Imagic, MethodFigures Sdedit, MethodFigures Text2image)
{
    public static EvalFigures Of(EvalSummary summary)
    {
        ArgumentNullException.ThrowIfNull(summary);
        return new(
            MethodFigures.Of(summary.Of(summary.Plan.Reported)), MethodFigures.Of(summary.SdEditAtEqualDistance()),
            MethodFigures.Of(summary.Of(new Rendering.TextToImage())));
    }

    public string ToJson() => JsonSerializer.Serialize(this, LabJson.Default.EvalFigures);
}

/// <summary><c>scores.json</c>: every measure of every picture.</summary>
/// <param name="Model">SHA-256 of the model package.</param>
/// <param name="DataSet">SHA-256 of the data set.</param>
/// <param name="EqualDistance">SDEdit's strength as far from the source as Imagic.</param>
/// <param name="SdeditAtEqualDistance">Interpolated between its neighbours.</param>
/// <param name="Methods">By <see cref="Key"/>.</param>
public sealed record EvalRecord(
    string Model, string DataSet, double EqualDistance, MethodSummary SdeditAtEqualDistance, IReadOnlyDictionary<string, MethodSummary> Methods,
    IReadOnlyList<EditRecord> Edits)
{
    public static EvalRecord Of(EvalSummary summary, string model, string dataSet)
    {
        ArgumentNullException.ThrowIfNull(summary);
        return new(
            model, dataSet, summary.EqualDistance.Strength, summary.SdEditAtEqualDistance(),
            summary.Scores[0].Pictures.Select(picture => picture.Rendering).ToDictionary(Key, rendering => summary.Of(rendering)),
            [.. summary.Scores.Select(EditRecord.Of)]);
    }

    public byte[] ToJson() => JsonSerializer.SerializeToUtf8Bytes(this, LabJson.Indented.EvalRecord);

    /// <summary>What programs call a rendering, e.g. <c>imagic eta=0.8 blend=0.5</c>.</summary>
    internal static string Key(Rendering rendering) => rendering switch
    {
        Rendering.Imagic imagic => $"imagic eta={EvalRows.Number(imagic.Eta)} blend={EvalRows.Number(imagic.Blend)}",
        Rendering.Found { Cell: 0 } => "imagic found",
        Rendering.Found found => $"imagic found cell={found.Cell}",
        Rendering.SdEdit sdEdit => $"sdedit strength={EvalRows.Number(sdEdit.Strength)}",
        Rendering.Ddib => "ddib",
        Rendering.TextToImage => "text2image",
        Rendering.Unedited => "source",
        _ => "target",
    };
}

/// <inheritdoc cref="EditScore"/>
public sealed record EditRecord(BenchEdit Edit, double? Evenness, IReadOnlyDictionary<string, ImageRecord> Pictures)
{
    public static EditRecord Of(EditScore score)
    {
        ArgumentNullException.ThrowIfNull(score);
        return new(score.Edit, score.Evenness, score.Pictures.ToDictionary(picture => EvalRecord.Key(picture.Rendering), ImageRecord.Of));
    }
}

/// <inheritdoc cref="ImageScore"/>
public sealed record ImageRecord(int Rank, string Nearest, bool StyleKept, double Distance, double? Outside, double Psnr)
{
    public static ImageRecord Of(ImageScore score)
    {
        ArgumentNullException.ThrowIfNull(score);
        return new(score.Rank, score.Nearest, score.StyleKept, score.Distance, score.Outside, score.Psnr);
    }
}

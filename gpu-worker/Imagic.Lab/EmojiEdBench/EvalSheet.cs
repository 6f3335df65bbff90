using Imagic.Imaging;
using Imagic.Sheets;

namespace Imagic.Lab.EmojiEdBench;

/// <summary>Edits on one picture, by kind: the source, then what became of it.</summary>
internal static class EvalSheet
{
    private const int EditsPerRow = 4, CellSize = 96, AxesPerKind = 2;

    /// <summary>The first edits of each kind, good and bad as they come.</summary>
    /// <param name="picture">Draws an edit's picture.</param>
    /// <param name="drawings">Holds the sources.</param>
    /// <returns>PNG.</returns>
    public static byte[] First(EvalSummary summary, Func<BenchEdit, Rendering, RgbImage> picture, BenchImages drawings) => Draw(
        summary.Scores.GroupBy(score => score.Edit.Kind).SelectMany(kind => kind.Take(EditsPerRow)), summary.Plan.Reported, picture, drawings);

    /// <summary>Every edit that failed; null when none has.</summary>
    /// <inheritdoc cref="First"/>
    public static byte[]? Failures(EvalSummary summary, Func<BenchEdit, Rendering, RgbImage> picture, BenchImages drawings)
    {
        EditScore[] failed = [.. summary.Failed];
        return failed.Length == 0 ? null : Draw(failed, summary.Plan.Reported, picture, drawings);
    }

    /// <summary>
    /// The axes of the first edits of each kind, with how far each picture is from the source: those that were found, else
    /// those that were listed at the weight blend that is reported.
    /// </summary>
    /// <inheritdoc cref="First"/>
    public static byte[] Axes(EvalSummary summary, Func<BenchEdit, Rendering, RgbImage> picture, BenchImages drawings)
    {
        var plan = summary.Plan;
        Rendering[] axis = [.. plan.Search is null
            ? plan.Renderings.OfType<Rendering.Imagic>().Where(imagic => imagic.Eta > 0 && imagic.Blend == plan.Reported.Blend)
            : plan.Renderings.Where(rendering => rendering is Rendering.Found { Cell: > 0 })];
        var rows =
            from kind in summary.Scores.GroupBy(score => score.Edit.Kind)
            from score in kind.Take(AxesPerKind)
            select new ContactSheetRow(score.Edit.Text, [new(drawings.Image(score.Edit.Source), "source"), .. Cells(score)]);
        return ImageCodec.Encode(new ContactSheet { Rows = [.. rows], CellSize = CellSize }.Render(), ImageFormat.Png);

        // A shorter axis repeats its last.
        IEnumerable<ContactSheetCell> Cells(EditScore score)
        {
            var suggested = plan.Search is null ? null : picture(score.Edit, new Rendering.Found(0));
            return
                from rendering in axis
                group rendering by picture(score.Edit, rendering) into same
                select new ContactSheetCell(same.Key, FormattableString.Invariant($"{score[same.First()].Distance:F2}{(same.Key.Equals(suggested) ? ", suggested" : "")}"));
        }
    }

    private static byte[] Draw(IEnumerable<EditScore> scores, Rendering reported, Func<BenchEdit, Rendering, RgbImage> picture, BenchImages drawings)
    {
        var rows =
            from kind in scores.GroupBy(score => score.Edit.Kind)
            from row in kind.Chunk(EditsPerRow).Index()
            select new ContactSheetRow(row.Index == 0 ? EvalRows.Name(kind.Key) : null, [.. row.Item.SelectMany(Cells)]);
        var sheet = new ContactSheet { Rows = [.. rows], CellSize = CellSize };
        return ImageCodec.Encode(sheet.Render(), ImageFormat.Png);

        IEnumerable<ContactSheetCell> Cells(EditScore score)
        {
            var (edit, judged) = (score.Edit, score[reported]);
            var verdict = judged.IsSuccess ? "" : judged.IsInTop5 ? " (other style)" : $" (like {judged.Nearest})";
            return [new(drawings.Image(edit.Source), edit.Source.Concept), new(picture(edit, reported), $"→ {edit.Text}{verdict}")];
        }
    }
}

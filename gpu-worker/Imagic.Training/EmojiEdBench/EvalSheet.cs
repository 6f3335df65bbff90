using Imagic.Imaging;

namespace Imagic.Training.EmojiEdBench;

/// <summary>The first edits of each kind on one picture, good and bad as they come: the source, then what became of it.</summary>
static class EvalSheet
{
    const int EditsPerKind = 4, CellSize = 96;

    /// <param name="picture">Draws an edit's picture.</param>
    /// <param name="drawings">Holds the sources.</param>
    /// <returns>PNG.</returns>
    public static byte[] Draw(EvalSummary summary, Func<BenchEdit, Rendering, RgbImage> picture, BenchPictures drawings)
    {
        var rows =
            from kind in summary.Scores.GroupBy(score => score.Edit.Kind)
            select new ContactSheetRow(EvalRows.Name(kind.Key), [.. kind.Take(EditsPerKind).SelectMany(score => Cells(score.Edit))]);
        var sheet = new ContactSheet { Rows = [.. rows], CellSize = CellSize };
        return ImageCodec.Default.Encode(sheet.Render(ImageCodec.Default), ImageFormat.Png);

        IEnumerable<ContactSheetCell> Cells(BenchEdit edit) =>
        [
            new(drawings.Image(edit.Source), edit.Source.Concept),
            new(picture(edit, summary.Plan.Reported), $"→ {edit.Text}"),
        ];
    }
}

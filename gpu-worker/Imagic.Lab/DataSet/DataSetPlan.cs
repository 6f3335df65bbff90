namespace Imagic.Lab.DataSet;

/// <summary>Which drawings there will be, before any is drawn: those for training first, then those held out; within each,
/// by style and code points.</summary>
internal sealed class DataSetPlan
{
    private DataSetPlan(PlannedDrawing[] drawings) => Drawings = drawings;

    public IReadOnlyList<PlannedDrawing> Drawings { get; }

    /// <param name="heldOut">(style, CLDR name without skin tone): holds out all its skin tones.</param>
    /// <exception cref="DataSetException">A held-out pair has no drawing, so that its name may be mistyped.</exception>
    public static DataSetPlan Create(IReadOnlyList<DrawingSet> sets, IReadOnlyList<(string Style, string Concept)> heldOut)
    {
        var held = heldOut.Where(pair => sets.Any(set => set.Style.Name == pair.Style)).ToHashSet();
        var drawn = sets.SelectMany(set => set.Drawings).Select(drawing => (drawing.Style, drawing.Emoji.BaseName)).ToHashSet();
        if (held.FirstOrDefault(pair => !drawn.Contains(pair)) is (string style, { } concept))
            throw new DataSetException($"'{concept}' is to be held out of the style {style}, which has no such drawing. Correct held-out.tsv.");
        var drawings =
            from set in sets
            from drawing in set.Drawings
            select Describe(drawing, held.Contains((drawing.Style, drawing.Emoji.BaseName)) ? DataSetSplit.HeldOut : DataSetSplit.Training);
        return new DataSetPlan([.. drawings.OrderBy(drawing => drawing.Item.Split)]);
    }

    private static PlannedDrawing Describe(Drawing drawing, DataSetSplit split)
    {
        var emoji = drawing.Emoji;
        return new(drawing, new DataSetItem(
            drawing.Style, emoji.Name, emoji.BaseName, emoji.CodePoints, emoji.Group,
            Captions.Of(emoji, drawing.Style), Captions.OnBackground(emoji, drawing.Style), split));
    }
}

internal sealed record PlannedDrawing(Drawing Drawing, DataSetItem Item);

/// <param name="Side">Width and height in pixels: 64, 96 or 128.</param>
/// <param name="Seed">Chooses what the sample shows.</param>
/// <param name="Threads">Drawings rendered at the same time; without effect on what comes out.</param>
public sealed record DataSetOptions(IReadOnlyList<EmojiStyle> Styles, int Side = 64, int Seed = 0, int Threads = 1)
{
    public static IReadOnlyList<int> Sides { get; } = [64, 96, 128];
}

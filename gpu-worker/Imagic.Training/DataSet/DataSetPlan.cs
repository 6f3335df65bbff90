namespace Imagic.Training.DataSet;

/// <summary>Which pictures there will be, before any is drawn: those for training first, then those held out; within each,
/// by style, code points and background.</summary>
sealed class DataSetPlan
{
    DataSetPlan(PlannedPicture[] pictures) => Pictures = pictures;

    /// <summary>Those of one drawing follow each other.</summary>
    public IReadOnlyList<PlannedPicture> Pictures { get; }

    /// <param name="heldOut">(style, CLDR name without skin tone): holds out all its skin tones and backgrounds.</param>
    /// <exception cref="DataSetException">A held-out pair has no drawing, so that its name may be mistyped.</exception>
    public static DataSetPlan Create(
        IReadOnlyList<DrawingSet> sets, IReadOnlyList<(string Style, string Concept)> heldOut, DataSetOptions options)
    {
        var held = heldOut.Where(pair => sets.Any(set => set.Style.Name == pair.Style)).ToHashSet();
        var drawn = sets.SelectMany(set => set.Drawings).Select(drawing => (drawing.Style, drawing.Emoji.BaseName)).ToHashSet();
        if (held.FirstOrDefault(pair => !drawn.Contains(pair)) is (string style, { } concept))
            throw new DataSetException($"'{concept}' is to be held out of the style {style}, which has no such drawing. Correct held-out.tsv.");
        var pictures =
            from set in sets
            from drawing in set.Drawings
            from background in (IEnumerable<Background>)[Background.White, .. Background.Choose(options.Seed, drawing.Style, drawing.Emoji.CodePoints, options.Backgrounds)]
            select Describe(drawing, background, held.Contains((drawing.Style, drawing.Emoji.BaseName)) ? DataSetSplit.HeldOut : DataSetSplit.Training);
        return new DataSetPlan([.. pictures.OrderBy(picture => picture.Item.Split)]);
    }

    static PlannedPicture Describe(Drawing drawing, Background background, DataSetSplit split)
    {
        var emoji = drawing.Emoji;
        var named = background == Background.White ? null : background.Name;
        return new(drawing, background, new DataSetItem(
            drawing.Style, emoji.Name, emoji.BaseName, emoji.CodePoints, emoji.Group, background.Name,
            Captions.Of(emoji, drawing.Style, named), split));
    }
}

sealed record PlannedPicture(Drawing Drawing, Background Background, DataSetItem Item);

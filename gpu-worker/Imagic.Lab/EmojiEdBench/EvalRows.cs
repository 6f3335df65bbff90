using System.Globalization;
using Imagic.Editing.Sample;

namespace Imagic.Lab.EmojiEdBench;

/// <summary>The rows of the table that people read, and how numbers are written in it.</summary>
public static class EvalRows
{
    /// <summary>Headings of <see cref="Cells"/>.</summary>
    public static IReadOnlyList<string> Columns { get; } = ["top 1", "top 5", "style", "both", "distance", "outside", "dB"];

    /// <summary>Name and figures of each method.</summary>
    public static IEnumerable<(string Name, MethodSummary Summary)> Of(EvalSummary summary, EditKind? kind = null)
    {
        ArgumentNullException.ThrowIfNull(summary);
        var equal = summary.EqualDistance;
        yield return (Name(summary.Plan.Reported), summary.Of(summary.Plan.Reported, kind));
        if (summary.Plan.Search is not null)
        {
            foreach (var found in (Rendering[])[new Rendering.Found(0), new Rendering.BestFound()]) yield return (Name(found), summary.Of(found, kind));
        }

        yield return ($"SDEdit {(equal.IsReached ? "at equal distance" : "nearest in distance")}, t₀ = {Number(Math.Round(equal.Strength, 2))}", summary.SdEditAtEqualDistance(kind));
        foreach (var rendering in summary.Plan.Strengths.Select(strength => new Rendering.SdEdit(strength)))
            yield return (Name(rendering), summary.Of(rendering, kind));
        foreach (var rendering in (Rendering[])[new Rendering.Ddib(), new Rendering.TextToImage(), .. Others(summary.Plan), new Rendering.Unedited(), new Rendering.TrueTarget()])
            yield return (Name(rendering), summary.Of(rendering, kind));
    }

    /// <summary>How even the axes are; null where none were looked for.</summary>
    public static string? Axes(EvalSummary summary) => summary.Plan.Search is null ? null : string.Create(
        CultureInfo.InvariantCulture, $"Found axes whose largest step is at most {StrengthAxis.EvenUpTo} times the mean one: {summary.EvenAxes} of {summary.Scores.Count}.");

    // A sweep has a table of its own.
    private static IEnumerable<Rendering> Others(EvalPlan plan) =>
        plan.Renderings.OfType<Rendering.Imagic>().Where(imagic => imagic != plan.Reported && (imagic.Eta == 0 || !plan.IsSweep));

    public static string Name(Rendering rendering) => rendering switch
    {
        Rendering.Imagic imagic => $"Imagic, η = {Number(imagic.Eta)}, s = {Number(imagic.Blend)}",
        Rendering.Found { Cell: 0 } => "Imagic, η found for each edit",
        Rendering.Found found => $"Imagic, picture {found.Cell} of the axis",
        Rendering.BestFound => "the best of each axis, by who knows the target",
        Rendering.SdEdit sdEdit => $"SDEdit, t₀ = {Number(sdEdit.Strength)}",
        Rendering.Ddib => "DDIB",
        Rendering.TextToImage => "text-to-image",
        Rendering.Unedited => "the source, unedited",
        _ => "the true target, through the autoencoder",
    };

    public static string Name(EditKind kind) => kind switch
    {
        EditKind.Colour => "colour",
        EditKind.Addition => "addition",
        EditKind.Replacement => "replacement",
        EditKind.Expression => "expression or pose",
        _ => "style",
    };

    /// <summary>A number for each of <see cref="Columns"/>.</summary>
    public static string[] Cells(MethodSummary row)
    {
        ArgumentNullException.ThrowIfNull(row);
        return
        [
            Count(row.Top1), Count(row.Top5), Count(row.StyleKept), Count(row.Both), Fixed(row.Distance), row.Outside is { } outside ? Fixed(outside) : "–",
            row.Psnr.ToString("F1", CultureInfo.InvariantCulture),
        ];
    }

    /// <summary>Top 1 / top 5 / distance.</summary>
    public static string SweepCell(MethodSummary row)
    {
        ArgumentNullException.ThrowIfNull(row);
        return $"{Count(row.Top1)} / {Count(row.Top5)} / {Fixed(row.Distance)}";
    }

    public static string Count(double value) => value.ToString("0.#", CultureInfo.InvariantCulture);

    public static string Number(double value) => value.ToString("0.######", CultureInfo.InvariantCulture);

    private static string Fixed(double value) => value.ToString("F3", CultureInfo.InvariantCulture);
}

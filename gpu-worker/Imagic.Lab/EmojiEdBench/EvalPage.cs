using System.Globalization;
using System.Net;
using System.Text;
using Imagic.Contracts.Settings;
using Imagic.Imaging;

namespace Imagic.Lab.EmojiEdBench;

/// <summary><c>report.html</c>: one file with all figures and pictures in it, those that failed first.</summary>
public static class EvalPage
{
    /// <param name="title">Of the page.</param>
    /// <param name="facts">What was computed with what.</param>
    /// <param name="pictures">An edit's picture of a rendering.</param>
    /// <param name="drawings">The true pictures.</param>
    public static string Html(
        EvalSummary summary, string title, IReadOnlyList<(string Name, string Value)> facts, Func<BenchEdit, Rendering, RgbImage> pictures, BenchImages drawings)
    {
        ArgumentNullException.ThrowIfNull(summary);
        ArgumentNullException.ThrowIfNull(facts);
        var html = new StringBuilder();
        html.Append(CultureInfo.InvariantCulture,
            $"""
            <!doctype html>
            <html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
            <title>{Text(title)}</title><style>{EvalPageStyle.Css}</style></head><body>
            <h1>{Text(title)}</h1>
            <p>{Text(Sentence(summary))}</p>

            """);
        Methods(html, summary);
        if (EvalRows.Axes(summary) is { } axes) html.Append(CultureInfo.InvariantCulture, $"<p>{axes}</p>\n");
        Kinds(html, summary);
        if (summary.Plan.IsSweep) Sweep(html, summary);
        var cards = new EvalCards(summary, pictures, drawings);
        foreach (var (heading, isSuccess) in new[] { ("The target is not among the nearest five, or of another style", false), ("The target is among the nearest five, and of its style", true) })
        {
            EditScore[] scores = [.. summary.Scores.Where(score => score[summary.Plan.Reported].IsSuccess == isSuccess)];
            html.Append(CultureInfo.InvariantCulture, $"<h2>{heading}: {scores.Length}</h2>\n<div class=\"cards\">\n");
            foreach (var score in scores) cards.Append(html, score);
            html.Append("</div>\n");
        }

        html.Append("<h2>How it was made</h2><div class=\"scroll\"><table class=\"facts\">");
        foreach (var (name, value) in facts) html.Append(CultureInfo.InvariantCulture, $"<tr><th scope=\"row\">{Text(name)}</th><td>{Text(value)}</td></tr>");
        return html.Append("</table></div>\n</body></html>\n").ToString();
    }

    private static string Sentence(EvalSummary summary)
    {
        var imagic = summary.Of(summary.Plan.Reported);
        var sdEdit = summary.SdEditAtEqualDistance();
        return string.Create(CultureInfo.InvariantCulture,
            $"The target concept is among the nearest five in {EvalRows.Count(imagic.Top5)} of {imagic.Edits} edits by Imagic, in {EvalRows.Count(sdEdit.Top5)} by SDEdit {(summary.EqualDistance.IsReached ? "equally far from the source" : "at the nearest distance from the source")}, and in {EvalRows.Count(summary.Of(new Rendering.TextToImage()).Top5)} pictures made from the text alone.");
    }

    private static void Methods(StringBuilder html, EvalSummary summary)
    {
        html.Append("<h2>Methods</h2><div class=\"scroll\"><table class=\"figures\"><tr><td></td>");
        foreach (var column in EvalRows.Columns) html.Append(CultureInfo.InvariantCulture, $"<th scope=\"col\">{column}</th>");
        html.Append("</tr>\n");
        foreach (var (index, (name, row)) in EvalRows.Of(summary).Index())
        {
            html.Append(CultureInfo.InvariantCulture, $"<tr{(index < 2 ? " class=\"main\"" : "")}><th scope=\"row\">{Text(name).Replace(" = ", "&nbsp;=&nbsp;", StringComparison.Ordinal)}</th>");
            foreach (var cell in EvalRows.Cells(row)) html.Append(CultureInfo.InvariantCulture, $"<td>{cell}</td>");
            html.Append("</tr>\n");
        }
        html.Append(
            """
            </table></div>
            <p class="note">Top 1, top 5: edits whose target concept is the nearest, or among the nearest five, of the target style's drawings. Style: the nearest drawing of the concept, of all styles, has the target's style. Both: style and top 5. Distance: from the source, in the autoencoder's latents at unit length, 0 to 2. Outside: root mean square of the pixel difference where the true pictures of source and target are the same, 0 to 1. dB: PSNR against the source.</p>

            """);
    }

    private static void Kinds(StringBuilder html, EvalSummary summary)
    {
        html.Append("<h2>Kinds of edits</h2><div class=\"scroll\"><table class=\"figures\"><tr><td></td><th scope=\"col\" colspan=\"4\">Imagic</th><th scope=\"col\" colspan=\"4\">SDEdit at equal distance</th><th scope=\"col\" colspan=\"4\">text-to-image</th></tr>\n<tr><td></td>");
        foreach (var column in Enumerable.Repeat(Shown(EvalRows.Columns), 3).SelectMany(columns => columns))
            html.Append(CultureInfo.InvariantCulture, $"<th scope=\"col\">{column}</th>");
        html.Append("</tr>\n");
        foreach (var kind in summary.Scores.Select(score => score.Edit.Kind).Distinct().Order())
        {
            MethodSummary[] methods = [summary.Of(summary.Plan.Reported, kind), summary.SdEditAtEqualDistance(kind), summary.Of(new Rendering.TextToImage(), kind)];
            html.Append(CultureInfo.InvariantCulture, $"<tr><th scope=\"row\">{EvalRows.Name(kind)} ({methods[0].Edits})</th>");
            foreach (var cell in methods.SelectMany(method => Shown(EvalRows.Cells(method)))) html.Append(CultureInfo.InvariantCulture, $"<td>{cell}</td>");
            html.Append("</tr>\n");
        }
        html.Append("</table></div>\n");

        // Top 5, both, distance, outside: all seven for three methods are too many to read.
        static string[] Shown(IReadOnlyList<string> row) => [row[1], row[3], row[4], row[5]];
    }

    private static void Sweep(StringBuilder html, EvalSummary summary)
    {
        var imagic = summary.Plan.Renderings.OfType<Rendering.Imagic>().ToArray();
        html.Append("<h2>Imagic at every η and s: top 1 / top 5 / distance</h2><div class=\"scroll\"><table class=\"figures\"><tr><td></td>");
        foreach (var blend in imagic.Select(rendering => rendering.Blend).Distinct()) html.Append(CultureInfo.InvariantCulture, $"<th scope=\"col\">s = {EvalRows.Number(blend)}</th>");
        foreach (var row in imagic.GroupBy(rendering => rendering.Eta))
        {
            html.Append(CultureInfo.InvariantCulture, $"</tr>\n<tr><th scope=\"row\">η = {EvalRows.Number(row.Key)}</th>");
            foreach (var rendering in row) html.Append(CultureInfo.InvariantCulture, $"<td>{EvalRows.SweepCell(summary.Of(rendering))}</td>");
        }
        html.Append("</tr></table></div>\n");
    }

    internal static string Text(string value) => WebUtility.HtmlEncode(value);
}

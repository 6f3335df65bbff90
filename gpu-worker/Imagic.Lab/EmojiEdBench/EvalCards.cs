using System.Globalization;
using System.Text;
using Imagic.Imaging;

namespace Imagic.Lab.EmojiEdBench;

/// <summary>The pictures of one edit side by side, and how each was judged.</summary>
internal sealed class EvalCards(EvalSummary summary, Func<BenchEdit, Rendering, RgbImage> pictures, BenchImages drawings)
{
    public void Append(StringBuilder html, EditScore score)
    {
        var edit = score.Edit;
        var sdEdit = new Rendering.SdEdit(summary.EqualDistance.Nearest);
        var isSuccess = score[summary.Plan.Reported].IsSuccess;
        html.Append(CultureInfo.InvariantCulture,
            $"<article class=\"{(isSuccess ? "good" : "bad")}\"><h3><span>{(isSuccess ? "✓" : "✗")}</span> {EvalPage.Text(edit.Source.Concept)} → {EvalPage.Text(edit.Text)}</h3><p>{edit.Id}, {EvalRows.Name(edit.Kind)}</p>\n<div class=\"row\">\n");
        Figure(html, drawings.Image(edit.Source), "source", "");
        Figure(html, drawings.Image(edit.Target), "true target", "");
        Judged(html, score, summary.Plan.Reported, "Imagic");
        if (summary.Plan.Search is not null) Judged(html, score, new Rendering.Found(0), "Imagic, η found");
        Judged(html, score, sdEdit, $"SDEdit t₀ = {EvalRows.Number(sdEdit.Strength)}");
        Judged(html, score, new Rendering.Ddib(), "DDIB");
        Judged(html, score, new Rendering.TextToImage(), "from text");
        html.Append("</div></article>\n");
    }

    private void Judged(StringBuilder html, EditScore score, Rendering rendering, string name)
    {
        var judged = score[rendering];
        var looks = judged.Rank == 1 ? "" : $"<br>like {EvalPage.Text(judged.Nearest)}";
        var style = judged.StyleKept ? "" : "<br>other style";
        Figure(
            html, pictures(score.Edit, rendering), name,
            string.Create(CultureInfo.InvariantCulture, $"<br>{(judged.IsInTop5 ? "✓" : "✗")} rank {judged.Rank}{looks}{style}<br>distance {judged.Distance:F2}"));
    }

    private static void Figure(StringBuilder html, RgbImage image, string name, string rest) => html.Append(CultureInfo.InvariantCulture,
        $"<figure><img src=\"data:image/png;base64,{Convert.ToBase64String(ImageCodec.Encode(image, ImageFormat.Png))}\" alt=\"{name}\" width=\"{image.Width}\" height=\"{image.Height}\"><figcaption><b>{name}</b>{rest}</figcaption></figure>\n");
}

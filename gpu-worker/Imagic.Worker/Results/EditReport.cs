using System.Globalization;
using System.Net;
using System.Text;
using Imagic.Editing;

namespace Imagic.Worker.Results;

/// <summary><c>report.html</c>: one file with everything in it, for a person to look at.</summary>
public static class EditReport
{
    private const string Style =
        """
        :root { color-scheme: light dark; --line: color-mix(in srgb, currentColor 16%, transparent); --soft: color-mix(in srgb, currentColor 62%, transparent); --mark: #2f6fed; }
        * { box-sizing: border-box; }
        body { margin: 0 auto; max-width: 64rem; padding: 1.5rem 1rem 4rem; font: 16px/1.5 system-ui, sans-serif; }
        h1 { font-size: 1.6rem; line-height: 1.25; margin: 0 0 .25rem; text-wrap: balance; }
        h2 { font-size: 1.1rem; margin: 2.5rem 0 .75rem; }
        p, figcaption, th, .soft { color: var(--soft); }
        p { margin: 0; }
        .notice { margin-top: .75rem; padding: .5rem .75rem; border-left: .25rem solid var(--mark); color: inherit; }
        .pair { display: grid; grid-template-columns: 1fr 1fr; gap: 1rem; margin-top: 1.25rem; max-width: 42rem; }
        figure { margin: 0; }
        figure img { width: 100%; display: block; border-radius: .5rem; border: 1px solid var(--line); }
        .small img { image-rendering: pixelated; }
        figcaption { font-size: .85rem; margin-top: .35rem; }
        .knobs { display: flex; flex-wrap: wrap; gap: .75rem 1.5rem; align-items: center; margin-top: 1rem; font-size: .9rem; }
        .knobs label { display: flex; gap: .5rem; align-items: center; }
        input[type=range] { width: 14rem; accent-color: var(--mark); }
        select { font: inherit; padding: .15rem .35rem; }
        .scroll { overflow-x: auto; }
        table { border-collapse: collapse; font-size: .9rem; }
        th { font-weight: 500; text-align: left; padding: .25rem .75rem .25rem 0; white-space: nowrap; }
        .grid th { text-align: center; padding: .25rem; }
        .grid th[scope=row] { text-align: right; padding-right: .75rem; }
        .grid td { padding: .2rem; }
        .grid img { width: clamp(3.25rem, 13vw, 7rem); display: block; border-radius: .35rem; border: 2px solid transparent; cursor: pointer; }
        .grid img.chosen { border-color: var(--mark); }
        .facts td { padding: .2rem 0; overflow-wrap: anywhere; }
        .facts th { vertical-align: top; }
        .curves { display: grid; grid-template-columns: repeat(auto-fit, minmax(17rem, 1fr)); gap: 1.5rem; }
        svg { width: 100%; height: auto; display: block; }
        svg text { font-size: 9px; fill: var(--soft); }
        """;

    private const string Script =
        """
        const rows = [...document.querySelectorAll('.grid tr')].map(row => [...row.querySelectorAll('img')]).filter(row => row.length);
        const hero = document.getElementById('hero'), said = document.getElementById('said'), eta = document.getElementById('eta'), version = document.getElementById('version');
        function show(cell) {
          rows.flat().forEach(other => other.classList.toggle('chosen', other === cell));
          eta.max = rows[version.value].length - 1;
          hero.src = cell.src;
          said.textContent = cell.alt;
        }
        const knobs = () => show(rows[version.value][Math.min(eta.value, rows[version.value].length - 1)]);
        [eta, version].forEach(knob => knob.addEventListener('input', knobs));
        function choose(cell) {
          version.value = rows.findIndex(row => row.includes(cell));
          eta.max = rows[version.value].length - 1;
          eta.value = rows[version.value].indexOf(cell);
          show(cell);
        }
        rows.flat().forEach(cell => cell.addEventListener('click', () => choose(cell)));
        if (rows.length) choose(document.querySelector('.suggested') ?? rows[0][0]); else { hero.hidden = true; said.textContent = 'withheld'; }
        """;

    /// <summary>The whole page; a picture that is not given is shown as withheld.</summary>
    public static string Html(ResultRecord record, byte[] source, IReadOnlyDictionary<ImageKey, byte[]> pictures)
    {
        var settings = record.Settings;
        var table = ResultTable.Of(settings, record.Pictures.ToDictionary(picture => picture.Key));
        var small = record.Source.WorkingWidth <= 128 ? " small" : "";
        var html = new StringBuilder();
        html.Append(CultureInfo.InvariantCulture,
            $"""
            <!doctype html>
            <html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
            <title>{Text(settings.TargetText)}</title><style>{Style}</style></head><body>
            <h1>{Text(settings.TargetText)}</h1>
            <p>{Text(record.Source.File)}, {record.Source.Width}×{record.Source.Height}, edited with {Text(record.Model.Name)} in {record.Stages.Sum(stage => stage.Seconds):F0} s</p>
            {string.Concat(record.Notices.Select(notice => $"<p class=\"notice\">{Text(notice)}</p>"))}<div class="pair{small}">
            <figure><img src="{Data(source)}" alt="source picture"><figcaption>source</figcaption></figure>
            <figure><img id="hero" src="" alt="edited picture"><figcaption id="said"></figcaption></figure>
            </div>
            <div class="knobs">
            <label>source <input id="eta" type="range" min="0" value="0"> text</label>
            <label>version <select id="version">{string.Concat(table.Rows.Where(row => row.Cells.Any(cell => !cell.Withheld)).Select((row, i) => $"<option value=\"{i}\">{RowName(table, row)}</option>"))}</select></label>
            </div>

            """);
        Grid(html, table, pictures, small);
        Curves(html, [.. record.Stages.Where(stage => stage.Losses.Length > 1)]);
        html.Append("<h2>How it was made</h2><div class=\"scroll\"><table class=\"facts\">");
        foreach (var (name, value) in Facts(record))
            html.Append(CultureInfo.InvariantCulture, $"<tr><th scope=\"row\">{name}</th><td>{Text(value)}</td></tr>");
        html.Append(CultureInfo.InvariantCulture, $"</table></div>\n<script>{Script}</script>\n</body></html>\n");
        return html.ToString();
    }

    private static void Grid(StringBuilder html, ResultTable<ImageFile> table, IReadOnlyDictionary<ImageKey, byte[]> pictures, string small)
    {
        html.Append(CultureInfo.InvariantCulture, $"<h2>All pictures</h2><div class=\"scroll\"><table class=\"grid{small}\">");
        if (table.Etas.Count > 0) html.Append(CultureInfo.InvariantCulture, $"<tr><td></td>{string.Concat(table.Etas.Select(eta => $"<th scope=\"col\">η = {Number(eta)}</th>"))}</tr>\n");
        foreach (var row in table.Rows)
        {
            html.Append(CultureInfo.InvariantCulture, $"<tr><th scope=\"row\">{RowName(table, row)}</th>");
            foreach (var cell in row.Cells)
            {
                html.Append(pictures.TryGetValue(cell.Key, out var picture)
                    ? $"<td><img src=\"{Data(picture)}\" {(cell.Suggested ? "class=\"suggested\" " : "")}alt=\"{Describe(cell)}\">{(cell.Found is null ? "" : $"<span class=\"soft\">{Number(cell.Eta)}{(cell.Suggested ? ", suggested" : "")}</span>")}</td>"
                    : "<td class=\"soft\">withheld</td>");
            }

            html.Append("</tr>\n");
        }

        html.Append("</table></div>\n");
    }

    private static void Curves(StringBuilder html, IReadOnlyCollection<StageRecord> stages)
    {
        if (stages.Count == 0) return;
        html.Append("<h2>Losses</h2><div class=\"curves\">");
        foreach (var stage in stages)
            html.Append(CultureInfo.InvariantCulture, $"<figure>{LossCurve.Svg(stage.Losses.AsSpan())}<figcaption>{stage.Stage}: {stage.Losses.Length} steps, {stage.Seconds:F1} s</figcaption></figure>");
        html.Append("</div>\n");
    }

    private static string RowName(ResultTable<ImageFile> table, ResultRow<ImageFile> row) =>
        table.HasBlends ? $"seed {row.Seed}, s = {Number(row.Blend)}" : $"seed {row.Seed}";

    private static string Describe(ImageFile cell)
    {
        var found = cell.Found is null ? "" : string.Create(
            CultureInfo.InvariantCulture, $"; distance {cell.Found.Distance:0.00}, alignment {cell.Found.Alignment:0.00}{(cell.Found.IsDraft ? ", draft" : "")}");
        return $"η = {Number(cell.Eta)}, seed {cell.Seed}, s = {Number(cell.Blend)}{found}";
    }

    private static IEnumerable<(string Name, string Value)> Facts(ResultRecord record)
    {
        var settings = record.Settings;
        yield return ("Target text", settings.TargetText);
        if (settings.NegativeText.Length > 0) yield return ("Negative text", settings.NegativeText);
        yield return ("Profile", settings.Profile);
        if (settings.Sample.Method.Tunes())
        {
            yield return ("Optimize", Training(settings.Optimize));
            yield return ("Fine-tune", $"{Tuned(settings.FineTune)}, {Training(settings.FineTune)}");
        }
        else
        {
            yield return ("Method", settings.Sample.Method == EditMethod.SdEdit
                ? "SDEdit: the source noised up to the share η of the schedule, then denoised with the text; nothing is tuned"
                : "DDIB: the noise that the source is made of, denoised with the text; nothing is tuned");
        }

        yield return ("Sampling", $"{settings.Sample.Scheduler}, {settings.Sample.Steps} steps, guidance {Number(settings.Sample.Guidance)}");
        if (settings.Sample.Search is { } search) yield return ("Strengths", Searched(record, search));
        if (settings.SuperResolution is { } super)
        {
            yield return ("Fine-tune super-resolution", $"{Tuned(super.FineTune)}, {Training(super.FineTune)}");
            yield return ("Super-resolution", $"{super.Steps} steps, guidance {Number(super.Guidance)}, noise level {super.NoiseLevel}, variance {super.Variance.Name()}");
        }

        yield return ("Source latent", settings.Latent == LatentMode.Mean ? "posterior mean" : "posterior sample");
        yield return ("Source at η = 0", Reconstruction(record));
        yield return ("Working size", $"{record.Source.WorkingWidth}×{record.Source.WorkingHeight}");
        yield return ("Time", string.Join(", ", record.Stages.Select(stage => string.Create(CultureInfo.InvariantCulture, $"{stage.Stage} {stage.Seconds:F1} s"))));
        yield return ("Model", $"{record.Model.Name}, sha256 {record.Model.Sha256}");
        yield return ("Source picture", $"sha256 {record.Source.Sha256}");
        yield return ("Computed by", $"imagic {record.Environment.Imagic}, libtorch {record.Environment.Libtorch}, {record.Environment.Device}, {record.Environment.Threads} threads, {record.Environment.Precision}");

        static string Training(DescentSettings training) => string.Create(
            CultureInfo.InvariantCulture, $"{training.Steps} steps at {training.LearningRate:0.######e+0}, {training.Batch} timesteps each");

        static string Tuned(FineTuneSettings training) => training.Tuning switch
        {
            Tuning.Full => "all weights",
            Tuning.KeysAndValues => "keys and values of the text",
            _ => $"LoRA of rank {training.Rank}",
        };
    }

    // Why the suggested picture is the one.
    private static string Searched(ResultRecord record, StrengthSearch search)
    {
        var best = record.Pictures.First(picture => picture.Suggested);
        var why = best.Found!.Alignment >= search.Alignment
            ? "the first of its seed that reaches" : "the one that shows most of the text, though less than";
        return string.Create(
            CultureInfo.InvariantCulture,
            $"found among {search.Renders} drafts of {search.Steps} steps a seed; suggested is η = {best.Eta:0.####} of seed {best.Seed}, {why} {search.Alignment:0.00} of the way from the source (0) to what the text alone gives (1); of several seeds the one nearest to the source");
    }

    private static string Reconstruction(ResultRecord record) => string.Join(", ",
        from picture in record.Pictures
        where picture.Eta == 0
        group picture.SourceDecibels by picture.Blend into blend
        select string.Create(CultureInfo.InvariantCulture, $"{blend.Average():F1} dB at s = {Number(blend.Key)}"));

    private static string Number(double value) => value.ToString("0.####", CultureInfo.InvariantCulture);

    private static string Text(string value) => WebUtility.HtmlEncode(value);

    private static string Data(byte[] png) => $"data:image/png;base64,{Convert.ToBase64String(png)}";
}

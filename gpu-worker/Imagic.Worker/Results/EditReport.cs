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
        const cells = [...document.querySelectorAll('.grid img')], hero = document.getElementById('hero'), said = document.getElementById('said');
        const eta = document.getElementById('eta'), seed = document.getElementById('seed'), blend = document.getElementById('blend');
        const etas = JSON.parse(eta.dataset.values);
        function show() {
          const want = { eta: String(etas[eta.value]), seed: seed.value, blend: blend.value };
          const cell = cells.find(c => c.dataset.eta === want.eta && c.dataset.seed === want.seed && c.dataset.blend === want.blend);
          hero.hidden = !cell;
          if (!cell) { cells.forEach(c => c.classList.remove('chosen')); said.textContent = 'withheld'; return; }
          cells.forEach(c => c.classList.toggle('chosen', c === cell));
          hero.src = cell.src;
          said.textContent = cell.alt;
        }
        [eta, seed, blend].forEach(knob => knob.addEventListener('input', show));
        cells.forEach(cell => cell.addEventListener('click', () => {
          eta.value = etas.map(String).indexOf(cell.dataset.eta); seed.value = cell.dataset.seed; blend.value = cell.dataset.blend; show();
        }));
        show();
        """;

    /// <summary>The whole page; a picture that is not given is shown as withheld.</summary>
    public static string Html(ResultRecord record, byte[] source, IReadOnlyDictionary<ImageKey, byte[]> pictures)
    {
        var settings = record.Settings;
        var etas = settings.EtasWithSource();
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
            <label>source <input id="eta" type="range" min="0" max="{etas.Length - 1}" value="{etas.IndexOf(settings.Suggested.Eta)}" data-values="[{string.Join(",", etas.Select(Number))}]"> text</label>
            <label>seed {Select("seed", settings.Sample.Seeds.Distinct().Select(seed => seed.ToString(CultureInfo.InvariantCulture)), "")}</label>
            <label>weights {Select("blend", settings.Sample.Blends.Distinct().Select(Number), Number(settings.Suggested.Blend))}</label>
            </div>

            """);
        foreach (var blend in settings.Sample.Blends.Distinct()) Grid(html, settings, blend, pictures, small);
        html.Append("<h2>Losses</h2><div class=\"curves\">");
        foreach (var stage in record.Stages.Where(stage => stage.Losses.Length > 1))
            html.Append(CultureInfo.InvariantCulture, $"<figure>{LossCurve.Svg(stage.Losses.AsSpan())}<figcaption>{stage.Stage}: {stage.Losses.Length} steps, {stage.Seconds:F1} s</figcaption></figure>");
        html.Append("</div>\n<h2>How it was made</h2><div class=\"scroll\"><table class=\"facts\">");
        foreach (var (name, value) in Facts(record))
            html.Append(CultureInfo.InvariantCulture, $"<tr><th scope=\"row\">{name}</th><td>{Text(value)}</td></tr>");
        html.Append(CultureInfo.InvariantCulture, $"</table></div>\n<script>{Script}</script>\n</body></html>\n");
        return html.ToString();
    }

    private static void Grid(
        StringBuilder html, EditSettings settings, double blend, IReadOnlyDictionary<ImageKey, byte[]> pictures, string small)
    {
        html.Append(CultureInfo.InvariantCulture, $"<h2>Weights blended at s = {Number(blend)}</h2><div class=\"scroll\"><table class=\"grid{small}\"><tr><td></td>");
        foreach (var eta in settings.EtasWithSource()) html.Append(CultureInfo.InvariantCulture, $"<th scope=\"col\">η = {Number(eta)}</th>");
        html.Append("</tr>\n");
        foreach (var seed in settings.Sample.Seeds.Distinct())
        {
            html.Append(CultureInfo.InvariantCulture, $"<tr><th scope=\"row\">seed {seed}</th>");
            foreach (var eta in settings.EtasWithSource())
            {
                html.Append(pictures.TryGetValue(new(seed, new(eta, blend)), out var picture)
                    ? string.Create(CultureInfo.InvariantCulture,
                        $"<td><img src=\"{Data(picture)}\" data-eta=\"{Number(eta)}\" data-seed=\"{seed}\" data-blend=\"{Number(blend)}\" alt=\"η = {Number(eta)}, seed {seed}, s = {Number(blend)}\"></td>")
                    : "<td class=\"soft\">withheld</td>");
            }

            html.Append("</tr>\n");
        }

        html.Append("</table></div>\n");
    }

    private static IEnumerable<(string Name, string Value)> Facts(ResultRecord record)
    {
        var settings = record.Settings;
        yield return ("Target text", settings.TargetText);
        if (settings.NegativeText.Length > 0) yield return ("Negative text", settings.NegativeText);
        yield return ("Profile", settings.Profile);
        yield return ("Optimize", Training(settings.Optimize));
        yield return ("Fine-tune", $"{Tuned(settings.FineTune)}, {Training(settings.FineTune)}");
        yield return ("Sampling", $"{settings.Sample.Scheduler}, {settings.Sample.Steps} steps, guidance {Number(settings.Sample.Guidance)}");
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

    private static string Reconstruction(ResultRecord record) => string.Join(", ",
        from picture in record.Pictures
        where picture.Eta == 0
        group picture.SourceDecibels by picture.Blend into blend
        select string.Create(CultureInfo.InvariantCulture, $"{blend.Average():F1} dB at s = {Number(blend.Key)}"));

    private static string Select(string id, IEnumerable<string> values, string chosen) =>
        $"<select id=\"{id}\">{string.Concat(values.Select(value => $"<option{(value == chosen ? " selected" : "")}>{value}</option>"))}</select>";

    private static string Number(double value) => value.ToString("0.####", CultureInfo.InvariantCulture);

    private static string Text(string value) => WebUtility.HtmlEncode(value);

    private static string Data(byte[] png) => $"data:image/png;base64,{Convert.ToBase64String(png)}";
}

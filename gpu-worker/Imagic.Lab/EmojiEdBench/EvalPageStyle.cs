namespace Imagic.Lab.EmojiEdBench;

/// <summary>How <see cref="EvalPage"/> looks: that of an edit's report.</summary>
internal static class EvalPageStyle
{
    public const string Css =
        """
        :root { color-scheme: light dark; --line: color-mix(in srgb, currentColor 16%, transparent); --soft: color-mix(in srgb, currentColor 62%, transparent); --good: #1a8f4c; --bad: #d0453b; }
        * { box-sizing: border-box; }
        body { margin: 0 auto; max-width: 76rem; padding: 1.5rem 1rem 4rem; font: 16px/1.5 system-ui, sans-serif; }
        h1 { font-size: 1.6rem; line-height: 1.25; margin: 0 0 .25rem; text-wrap: balance; }
        h2 { font-size: 1.1rem; margin: 2.5rem 0 .75rem; }
        h3 { font-size: .95rem; line-height: 1.35; margin: 0; overflow-wrap: anywhere; }
        p, figcaption, th { color: var(--soft); }
        p { margin: 0; max-width: 60rem; }
        .note, article p { font-size: .8rem; }
        .note { margin-top: .75rem; }
        .scroll { overflow-x: auto; }
        table { border-collapse: collapse; font-size: .9rem; }
        th { font-weight: 500; text-align: left; padding: .25rem .75rem .25rem 0; white-space: nowrap; }
        .figures th[scope=col], .figures td { text-align: right; padding: .25rem .6rem; white-space: nowrap; font-variant-numeric: tabular-nums; }
        .figures th[colspan] { text-align: center; border-bottom: 1px solid var(--line); }
        .figures tr + tr { border-top: 1px solid var(--line); }
        .main th, .main td { font-weight: 650; color: inherit; }
        .facts td { padding: .2rem 0; overflow-wrap: anywhere; }
        .facts th { vertical-align: top; }
        .cards { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 30rem), 1fr)); gap: 1rem; }
        article { border: 1px solid var(--line); border-left: .25rem solid var(--good); border-radius: .5rem; padding: .75rem; }
        article.bad { border-left-color: var(--bad); }
        h3 span { color: var(--good); }
        .bad h3 span { color: var(--bad); }
        .row { display: grid; grid-template-columns: repeat(5, minmax(0, 1fr)); gap: .5rem; margin-top: .5rem; }
        figure { margin: 0; }
        figure img { width: 100%; height: auto; display: block; image-rendering: pixelated; border-radius: .25rem; border: 1px solid var(--line); }
        figcaption { font-size: .72rem; line-height: 1.3; margin-top: .25rem; overflow-wrap: anywhere; }
        figcaption b { font-weight: 600; }
        @media (max-width: 40rem) {
          table { font-size: .8rem; }
          .figures th { white-space: normal; }
          .figures th[scope=col], .figures td { padding: .25rem .2rem; }
          .row { grid-template-columns: repeat(3, minmax(0, 1fr)); }
        }
        """;
}

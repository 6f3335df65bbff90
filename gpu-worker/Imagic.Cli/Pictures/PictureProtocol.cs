namespace Imagic.Cli.Pictures;

/// <summary>Ways in which terminals take pictures.</summary>
internal enum PictureProtocol
{
    Kitty,
    ITerm,
    Sixel,
}

/// <summary>
/// What a terminal says of itself in the environment. It is not asked: the answer comes as if it were typed, and one that
/// comes late would land in the shell.
/// </summary>
internal static class PictureProtocols
{
    private static readonly string[] KittyTerms = ["xterm-kitty", "xterm-ghostty"];
    private static readonly string[] ITermPrograms = ["iTerm.app", "WezTerm"];

    // Whose output is read by programs or kept in logs.
    private static readonly string[] Builds = ["CI", "TF_BUILD", "GITHUB_ACTIONS"];

    /// <summary>What the terminal takes; null when it does not say so, or nobody wants it.</summary>
    /// <param name="variable">Value of an environment variable; null when it is not set.</param>
    public static PictureProtocol? Detect(Func<string, string?> variable)
    {
        var (term, program) = (Of("TERM"), Of("TERM_PROGRAM"));
        if (Has("NO_COLOR") || Builds.Any(Has) || term is "" or "dumb") return null;
        // Within a multiplexer the variables tell of the terminal around it, which does not get the sequences.
        if (Has("TMUX") || Has("STY") || Has("ZELLIJ") || program == "tmux" || StartsWith("tmux") || StartsWith("screen")) return null;
        // Each terminal sets TERM; the other variables may come from one that this one was started in.
        if (KittyTerms.Contains(term) || program == "ghostty") return PictureProtocol.Kitty;
        if (StartsWith("foot") || StartsWith("mlterm") || term.Contains("sixel", StringComparison.Ordinal)) return PictureProtocol.Sixel;
        if (ITermPrograms.Contains(program)) return PictureProtocol.ITerm;
        if (program.Length > 0) return null;
        if (Has("KITTY_WINDOW_ID")) return PictureProtocol.Kitty;
        // It goes along with ssh.
        return Of("LC_TERMINAL") == "iTerm2" ? PictureProtocol.ITerm : null;

        string Of(string name) => variable(name) ?? "";
        bool Has(string name) => Of(name).Length > 0;
        bool StartsWith(string text) => term.StartsWith(text, StringComparison.Ordinal);
    }
}

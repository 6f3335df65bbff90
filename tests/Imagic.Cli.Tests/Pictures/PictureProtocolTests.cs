using Imagic.Cli.Pictures;

namespace Imagic.Cli.Tests.Pictures;

public class PictureProtocolTests
{
    [Theory]
    [InlineData("Kitty", "TERM=xterm-kitty")]
    [InlineData("Kitty", "TERM=xterm-256color", "KITTY_WINDOW_ID=1")]
    [InlineData("Kitty", "TERM=xterm-ghostty", "TERM_PROGRAM=ghostty")]
    [InlineData("Kitty", "TERM=xterm-256color", "TERM_PROGRAM=ghostty")]
    [InlineData("Kitty", "TERM=xterm-kitty", "TERM_PROGRAM=iTerm.app")]
    [InlineData("ITerm", "TERM=xterm-256color", "TERM_PROGRAM=iTerm.app")]
    [InlineData("ITerm", "TERM=xterm-256color", "TERM_PROGRAM=WezTerm")]
    [InlineData("ITerm", "TERM=xterm-256color", "LC_TERMINAL=iTerm2")]
    [InlineData("Sixel", "TERM=foot")]
    [InlineData("Sixel", "TERM=foot-extra")]
    [InlineData("Sixel", "TERM=mlterm-256color")]
    [InlineData("Sixel", "TERM=xterm-sixel")]
    public void Detect_OfATerminalThatSaysSo_IsWhatItTakes(string expected, params string[] environment) =>
        Assert.Equal(expected, Detect(environment).ToString());

    [Theory]
    [InlineData("TERM=xterm-256color")]
    [InlineData("TERM=linux")]
    [InlineData("TERM_PROGRAM=iTerm.app")]
    [InlineData("TERM=dumb", "KITTY_WINDOW_ID=1")]
    // Started from a terminal that can, and is none itself.
    [InlineData("TERM=xterm-256color", "TERM_PROGRAM=vscode", "KITTY_WINDOW_ID=1", "LC_TERMINAL=iTerm2")]
    [InlineData("TERM=xterm-256color", "TERM_PROGRAM=Apple_Terminal")]
    // Multiplexers.
    [InlineData("TERM=tmux-256color", "KITTY_WINDOW_ID=1")]
    [InlineData("TERM=screen", "TERM_PROGRAM=WezTerm")]
    [InlineData("TERM=xterm-kitty", "TMUX=/tmp/tmux-1000/default,1,0")]
    [InlineData("TERM=xterm-kitty", "STY=1.pts-0")]
    [InlineData("TERM=foot", "ZELLIJ=0")]
    public void Detect_OfAnyOther_IsNothing(params string[] environment) => Assert.Null(Detect(environment));

    [Theory]
    [InlineData("NO_COLOR=1")]
    [InlineData("CI=true")]
    [InlineData("TF_BUILD=True")]
    public void Detect_WhereNobodyWantsPictures_IsNothing(string variable)
    {
        foreach (var term in new[] { "TERM=xterm-kitty", "TERM=foot" }) Assert.Null(Detect([term, variable]));
        // Set to nothing is not set.
        Assert.NotNull(Detect(["TERM=foot", variable[..(variable.IndexOf('=', StringComparison.Ordinal) + 1)]]));
    }

    private static PictureProtocol? Detect(string[] environment)
    {
        var variables = environment.Select(line => line.Split('=', 2)).ToDictionary(pair => pair[0], pair => pair[1]);
        return PictureProtocols.Detect(variables.GetValueOrDefault);
    }
}

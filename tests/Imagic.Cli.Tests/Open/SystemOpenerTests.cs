using Imagic.Cli.Open;

namespace Imagic.Cli.Tests.Open;

public class SystemOpenerTests
{
    [Theory]
    [InlineData("")]
    [InlineData("xdg-open F", "DISPLAY=:0")]
    [InlineData("xdg-open F", "WAYLAND_DISPLAY=wayland-0")]
    [InlineData("w3m F", "BROWSER=w3m")]
    [InlineData("one --new F|two --url=F -x|xdg-open F", "BROWSER=one --new:two --url=%s -x: ", "DISPLAY=:0")]
    public void Commands_OfAnEnvironment_AreTheBrowserAndThenTheOpenerOfADisplay(string expected, params string[] environment) =>
        Assert.Equal(expected, Commands(environment, isMac: false));

    [Fact]
    public void Commands_OnAMac_NeedNoDisplay() => Assert.Equal("open F", Commands([], isMac: true));

    private static string Commands(string[] environment, bool isMac)
    {
        // Between browsers stands what stands between folders.
        var variables = environment.Select(line => line.Split('=', 2)).ToDictionary(
            pair => pair[0], pair => pair[0] == "BROWSER" ? pair[1].Replace(':', Path.PathSeparator) : pair[1]);
        return string.Join('|', SystemOpener.Commands(variables.GetValueOrDefault, isMac, "F").Select(command => string.Join(' ', [command.Program, .. command.Arguments])));
    }
}

using Spectre.Console;

namespace Imagic.Cli.Tests;

public class TerminalTests
{
    [Fact]
    public void WriteLine_ToAnyConsole_LetsNoControlCharacterThrough()
    {
        using var written = new StringWriter();
        var console = AnsiConsole.Create(new() { Ansi = AnsiSupport.No, ColorSystem = ColorSystemSupport.NoColors, Out = new AnsiConsoleOutput(written) });
        console.Profile.Width = 200;

        console.WriteLine("cat.png\r\nline 2 was rejected: \u001b[31mno");

        Assert.Equal("cat.png\\u000d\\u000aline 2 was rejected: \\u001b[31mno", written.ToString().TrimEnd());
    }

    // Spectre's method and the console's take any text as it is.
    [Fact]
    public void Commands_WriteTextByTerminalOnly()
    {
        var sources = Directory.EnumerateFiles(Path.Combine(Imagic.Tests.RepositoryFiles.Root, "gpu-worker", "Imagic.Cli"), "*.cs", SearchOption.AllDirectories);

        var direct = sources.Where(file => Path.GetFileName(file) != "Terminal.cs").SelectMany(File.ReadLines)
            .Where(line => System.Text.RegularExpressions.Regex.IsMatch(line, @"(?<!Ansi)\bConsole\.(Error\.|Out\.)?Write|AnsiConsole\.(Write|Markup)"));

        Assert.Empty(direct);
    }
}

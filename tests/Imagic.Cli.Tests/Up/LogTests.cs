using Imagic.Cli.Up;

namespace Imagic.Cli.Tests.Up;

public class LogTests
{
    [Theory]
    [InlineData("12:34:56 info: Imagic.Worker[7] took it", "took it")]
    [InlineData("12:34:56 warn: Imagic.Worker[-1] slow", "warning: slow")]
    [InlineData("12:34:56 fail: Imagic.Worker[0] broken: info: x[1] y", "error: broken: info: x[1] y")]
    [InlineData("""{"LogLevel":"Information"}""", """{"LogLevel":"Information"}""")]
    [InlineData("", "")]
    public void Parse_ALine_KeepsWhatPeopleRead(string line, string text) => Assert.Equal(text, LogLine.Parse(line).ToString());

    [Theory]
    [InlineData("one two three", 20, "one two three")]
    [InlineData("one two three", 8, "one two|three")]
    [InlineData("one two three", 7, "one two|three")]
    [InlineData("abcdefgh ij", 4, "abcd|efgh|ij")]
    [InlineData("", 4, "")]
    public void Pieces_OfAText_BreakAtSpacesWhereThereAreAny(string text, int room, string pieces) =>
        Assert.Equal(pieces.Split('|'), ConsoleLog.Pieces(text, room));
}

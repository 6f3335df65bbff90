using Imagic.Cli.Up;
using Microsoft.Extensions.Logging;

namespace Imagic.Cli.Tests.Up;

public class EnvironmentLogTests
{
    [Theory]
    [InlineData("""{"EventId":7,"LogLevel":"Information","Category":"Imagic.Worker","Message":"took it"}""", "worker: took it")]
    [InlineData("""{"LogLevel":"Warning","Message":"slow"}""", "worker: warning: slow")]
    [InlineData("""{"LogLevel":"Critical","Message":"broken","Exception":"E: why\n   at There"}""", "worker: error: broken E: why    at There")]
    [InlineData("""{"LogLevel":"Information"}""", """worker: {"LogLevel":"Information"}""")]
    [InlineData("""{"half of it""", """worker: {"half of it""")]
    [InlineData("some library says this", "worker: some library says this")]
    [InlineData("""{"LogLevel":"Information","Message":"took it\r\nworker: error: made up \u001b[2J"}""", "worker: took it\\u000d\\u000aworker: error: made up \\u001b[2J")]
    [InlineData("red \u001b[31m", "worker: red \\u001b[31m")]
    [InlineData("", "worker: ")]
    public void WriteChildLine_OfALine_KeepsWhatPeopleRead(string line, string expected)
    {
        var log = new Lines();

        log.WriteChildLine("worker", line);

        Assert.Equal(expected, Assert.Single(log.Written));
    }

    [Fact]
    public void Loggers_OfAPart_WriteUnderItsName()
    {
        var log = new Lines();
        using var loggers = log.CreateLoggers("functions");

        loggers.CreateLogger("Imagic.Functions").Log(LogLevel.Error, new IOException("no disk"), "failed");
        loggers.CreateLogger("Imagic.Functions").LogDebug("a detail");
        loggers.CreateLogger("Microsoft.AspNetCore").LogInformation("a request");

        Assert.Equal("functions: error: failed (IOException: no disk)", Assert.Single(log.Written));
    }

    [Theory]
    [InlineData("one two three", 20, "one two three")]
    [InlineData("one two three", 8, "one two|three")]
    [InlineData("one two three", 7, "one two|three")]
    [InlineData("abcdefgh ij", 4, "abcd|efgh|ij")]
    [InlineData("", 4, "")]
    public void Wrap_OfAText_BreaksAtSpacesWhereThereAreAny(string text, int room, string lines) =>
        Assert.Equal(lines.Split('|'), ConsoleLog.Wrap(text, room));

    private sealed class Lines : EnvironmentLog
    {
        public List<string> Written { get; } = [];

        public override void Write(string source, LogLevel level, string text) => Written.Add($"{source}: {Format(level, text)}");
    }
}

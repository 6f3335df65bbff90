using Imagic.Storage.Telemetry;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Logging.Console;

namespace Imagic.Storage.Tests;

public class PlainLogTests
{
    [Fact]
    public void Entry_WithNamesThatHoldLineEndsAndCodes_IsOneLineOfText()
    {
        var builder = Host.CreateEmptyApplicationBuilder(new());
        builder.AddImagicConsole();
        using var host = builder.Build();
        var formatter = host.Services.GetServices<ConsoleFormatter>().Single(one => one.Name == "imagic");
        using var written = new StringWriter();
        var entry = new LogEntry<string>(
            LogLevel.Warning, "Imagic.Worker", 7, "a\r\n00:00:00 info: made up\u001b[2J", new IOException("no\u001bdisk"), (text, _) => text);

        formatter.Write(entry, null, written);

        Assert.Matches(
            @"\A\d\d:\d\d:\d\d warn: Imagic\.Worker\[7\] a\\u000d\\u000a00:00:00 info: made up\\u001b\[2J System\.IO\.IOException: no\\u001bdisk\n\z",
            written.ToString());
    }
}

using System.Collections.Concurrent;
using Imagic.Cli.Up;
using Microsoft.Extensions.Logging;

namespace Imagic.Cli.Tests.Up;

public class WorkerSupervisorTests
{
    [Fact]
    public async Task Start_OfAWorkerWithoutADisk_SaysSoAndStartsItAgainLaterEachTime()
    {
        var log = new Lines();
        var options = new LocalEnvironmentOptions
        {
            Port = 1, BlobPort = 1, QueuePort = 1, DataFolder = "", FunctionsFolder = "", WorkerArguments = ["--device", "cpu", "--cache", "/dev/null/cache"],
        };
        await using var supervisor = WorkerSupervisor.Start("worker", options, log, TimeProvider.System);

        using var patience = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        patience.CancelAfter(TimeSpan.FromMinutes(2));
        while (log.Warnings.Count < 2 && !supervisor.Ended.IsCompleted) await Task.Delay(50, patience.Token);

        Assert.All(log.Warnings, line => Assert.Contains("this machine lacks what the process needs (imagic: The disk of this machine", line, StringComparison.Ordinal));
        Assert.Equal(["it is started again in 1 s", "it is started again in 2 s"], log.Warnings.Select(line => line.Split("; ")[1]));
    }

    private sealed class Lines : EnvironmentLog
    {
        public ConcurrentQueue<string> Warnings { get; } = [];

        public override void Write(string source, LogLevel level, string text)
        {
            if (level == LogLevel.Warning) Warnings.Enqueue(text);
        }
    }
}

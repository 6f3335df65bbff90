using Imagic.Tests;

namespace Imagic.Cli.Tests.Up;

public class TraceTests
{
    [Fact]
    public async Task Edit_AcrossFunctionsAndWorker_IsOneTrace()
    {
        await using var collector = await OtlpCollector.StartAsync();
        using var place = new EnvironmentPlace();
        using var folder = new TemporaryFolder();
        var environment = new Dictionary<string, string>
        {
            ["OTEL_EXPORTER_OTLP_ENDPOINT"] = collector.Address,
            ["OTEL_EXPORTER_OTLP_PROTOCOL"] = "http/protobuf",
            ["OTEL_BSP_SCHEDULE_DELAY"] = "200",
            ["ImagicModels"] = "sd1-micro",
        };
        using var up = ImagicProcess.Run(environment, ["up", .. place.Arguments, "--", "--models", RepositoryFiles.Fixtures]);
        await up.WaitForLineAsync(line => line.Contains("Imagic is up", StringComparison.Ordinal));
        var heart = Path.Combine(RepositoryFiles.Model("emoji-64"), "samples", "red-heart.png");
        var edit = await ImagicProcess.RunAsync(
            "edit", heart, "a green heart", "--model", "sd1-micro", "--server", place.Server, "--out", folder.Path,
            "--optimize-steps", "2", "--finetune-steps", "2", "--steps", "2", "--seeds", "1", "--eta", "1", "--blend", "1");
        await up.SignalAsync("TERM");
        await up.EndAsync();

        Assert.Equal((0, ""), (edit.ExitCode, edit.Error));
        var traces = collector.Traces("imagic-functions", "start edit");
        foreach (var stage in new[] { "stage optimize", "stage finetune", "stage sample" }) traces.IntersectWith(collector.Traces("imagic-worker", stage));
        Assert.Single(traces);
    }
}

using System.Globalization;
using Imagic.LocalHost.Azurite;
using Imagic.Tests;

namespace Imagic.Cli.Tests.Up;

public class UpCommandTests
{
    [Fact]
    public async Task Up_UntilSigTerm_RestartsADeadWorkerAndLeavesNothingBehind()
    {
        using var place = new EnvironmentPlace();
        using var up = ImagicProcess.Run(["up", .. place.Arguments]);
        await up.WaitForLineAsync(line => line.Contains("Imagic is up", StringComparison.Ordinal));
        await up.WaitForLineAsync(line => line.StartsWith($"Open {place.Server} in a browser", StringComparison.Ordinal));
        await up.WaitForLineAsync(line => line.Contains($"{place.Server}/api/edits", StringComparison.Ordinal));

        var second = await ImagicProcess.RunAsync(["up", .. place.Arguments]);
        Assert.Equal((2, $"imagic: Imagic is already up at {place.Server}.\n"), (second.ExitCode, second.Error));
        var other = await ImagicProcess.RunAsync(["up", "--port", AzuriteProcess.FreePort().ToString(CultureInfo.InvariantCulture), .. place.Arguments[2..]]);
        Assert.Equal(2, other.ExitCode);
        Assert.Contains("Another pipeline uses the storage", other.Error, StringComparison.Ordinal);
        var apart = await ImagicProcess.RunAsync(
            ["up", "--port", AzuriteProcess.FreePort().ToString(CultureInfo.InvariantCulture), .. place.Arguments[2..^1], place.DataFolder + "-2"]);
        Assert.Equal(2, apart.ExitCode);
        Assert.Contains("Choose other ports with --blob-port and --queue-port", apart.Error, StringComparison.Ordinal);

        await ImagicProcess.SignalAsync(place.Workers().Single(), "KILL");
        await up.WaitForLineAsync(line => line.Contains("started again", StringComparison.Ordinal));
        await up.WaitForLineAsync(line => line.Contains("waits for messages", StringComparison.Ordinal));

        await up.SignalAsync("TERM");
        var end = await up.EndAsync();
        Assert.Equal((0, ""), (end.ExitCode, end.Error));
        Assert.EndsWith("Imagic is down.\n", end.Output, StringComparison.Ordinal);
        Assert.Empty(place.Processes());
    }

    [Fact]
    public async Task Up_KilledOutright_TakesItsProcessesAlong()
    {
        using var place = new EnvironmentPlace();
        using var up = ImagicProcess.Run(["up", .. place.Arguments]);
        await up.WaitForLineAsync(line => line.Contains("Imagic is up", StringComparison.Ordinal));
        Assert.NotEmpty(place.Processes());

        await up.SignalAsync("KILL");
        await up.EndAsync();

        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (place.Processes().Count > 0) await Task.Delay(50, deadline.Token);
    }

    [Fact]
    public async Task Up_WithAFunctionAppThatDoesNotStart_SaysSoAndLeavesNothingBehind()
    {
        using var place = new EnvironmentPlace();
        using var app = new TemporaryFolder();
        await File.WriteAllTextAsync(
            Path.Combine(app.Path, "host.json"), """{"version":"2.0","customHandler":{"description":{"defaultExecutablePath":"no-such-program"}}}""",
            TestContext.Current.CancellationToken);

        var end = await ImagicProcess.RunAsync(["up", .. place.Arguments, "--functions", app.Path]);

        Assert.Equal(4, end.ExitCode);
        Assert.StartsWith("imagic: ", end.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", end.Error, StringComparison.Ordinal);
        Assert.Empty(place.Processes());
    }

    [Fact]
    public async Task Up_WithWorkersThatCannotWork_SaysWhyAndLeavesNothingBehind()
    {
        using var place = new EnvironmentPlace();

        var end = await ImagicProcess.RunAsync(["up", .. place.Arguments, "--", "--models", "/nowhere"]);

        Assert.Equal(4, end.ExitCode);
        Assert.Contains("The worker cannot be used: imagic: there is no folder of models '/nowhere'.", end.Error, StringComparison.Ordinal);
        Assert.Empty(place.Processes());
    }

    [Theory]
    [InlineData("--workers takes a number", "--workers", "-1")]
    [InlineData("There is no function app in", "--functions", "nowhere")]
    [InlineData("The options of the workers cannot be used", "--", "--tread", "2")]
    [InlineData("The options of the workers cannot be used", "sideways")]
    public async Task Up_WithSomethingUnusable_SaysWhat(string sentence, params string[] arguments)
    {
        using var place = new EnvironmentPlace();

        var end = await ImagicProcess.RunAsync(["up", .. place.Arguments, .. arguments]);

        Assert.Equal(2, end.ExitCode);
        Assert.Contains(sentence, end.Error, StringComparison.Ordinal);
        Assert.False(Directory.Exists(place.DataFolder));
    }
}

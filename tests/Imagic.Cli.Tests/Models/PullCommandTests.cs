using Imagic.Cli.Models;
using Imagic.Tests;

namespace Imagic.Cli.Tests.Models;

/// <summary>The real program in front of a hub on this machine.</summary>
public sealed class PullCommandTests : IAsyncLifetime
{
    private const string Name = "owner/micro";

    private readonly TemporaryFolder _home = new();
    private LocalHub _hub = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private string Models => Path.Combine(_home.Path, "models");

    private string[] Edit =>
    [
        "edit", Path.Combine(RepositoryFiles.Model("emoji-64"), "samples", "red-heart.png"), "a green heart", "--model", "micro",
        "--optimize-steps", "2", "--finetune-steps", "2", "--steps", "2", "--seeds", "1", "--eta", "1", "--blend", "1", "--out", Path.Combine(_home.Path, "edited"),
    ];

    private Dictionary<string, string> Variables => new()
    {
        ["IMAGIC_HOME"] = _home.Path, ["HF_ENDPOINT"] = _hub.Address.AbsoluteUri, ["HF_TOKEN"] = "", ["HF_TOKEN_PATH"] = Path.Combine(_home.Path, "token"),
    };

    public async ValueTask InitializeAsync()
    {
        _hub = await LocalHub.StartAsync();
        _hub.Publish(Name, RepositoryFiles.Fixture("sd1-micro"));
    }

    public async ValueTask DisposeAsync()
    {
        await _hub.DisposeAsync();
        _home.Dispose();
    }

    [Fact]
    public async Task Pull_ThenEdit_FindsTheModelByItsName_AndListAndRmKnowIt()
    {
        _hub.About = """ "gated": "manual", "cardData": { "license": "creativeml-openrail-m" } """;
        await File.WriteAllTextAsync(Path.Combine(_home.Path, "token"), "hf_from_file\n", Token);
        using var place = new EnvironmentPlace();
        string[] edit = [.. Edit, .. place.Arguments];

        var unknown = await RunAsync(edit);
        var pull = await RunAsync("models", "pull", Name);
        var list = await RunAsync("models", "list");
        var edited = await RunAsync(edit);
        var removed = await RunAsync("models", "rm", "micro");
        var again = await RunAsync("models", "rm", "micro");

        Assert.Equal(2, unknown.ExitCode);
        Assert.Contains("imagic models pull OWNER/NAME", unknown.Error, StringComparison.Ordinal);
        Assert.Equal((0, ""), (pull.ExitCode, pull.Error));
        Assert.Matches("owner/micro at commit [0-9a-f]{40}: 12 files, 1\\.2 MB", pull.Output);
        Assert.Contains("licence: creativeml-openrail-m", pull.Output, StringComparison.Ordinal);
        Assert.Contains("accepted the terms", pull.Output, StringComparison.Ordinal);
        Assert.Matches("unet: ok, .*\n(.*\n)*sha256 [0-9a-f]{64}", pull.Output);
        Assert.Equal("Bearer hf_from_file", _hub.Requests.First().Authorization);
        Assert.Matches("micro: 32x32 pixels, .* MB, .*models/micro, owner/micro@[0-9a-f]{12}, licence creativeml-openrail-m", list.Output);
        Assert.Equal((0, ""), (edited.ExitCode, edited.Error));
        Assert.True(File.Exists(Path.Combine(_home.Path, "edited", "edited.png")));
        Assert.Matches("micro is removed: 1.2 MB", removed.Output);
        Assert.Empty(Directory.EnumerateDirectories(Models));
        Assert.Equal(2, again.ExitCode);
    }

    [Fact]
    public async Task Up_AfterAPull_TakesEditsWithThatModel()
    {
        using var place = new EnvironmentPlace();
        await RunAsync("models", "pull", Name);
        using var up = ImagicProcess.Run(Variables, ["up", .. place.Arguments, "--", "--threads", "1"]);
        await up.WaitForLineAsync(line => line.Contains("Imagic is up", StringComparison.Ordinal));

        var edited = await RunAsync([.. Edit, .. place.Arguments]);

        Assert.Equal((0, ""), (edited.ExitCode, edited.Error));
        Assert.DoesNotContain("Starting a pipeline", edited.Output, StringComparison.Ordinal);
        await up.SignalAsync("TERM");
        await up.EndAsync();
    }

    [Fact]
    public async Task Pull_OfACascade_TakesTwoNames_AndItsPlanHasATableForEachUNet()
    {
        _hub.Publish("owner/one", Path.Combine(RepositoryFiles.Fixture("if-cascade"), "stage_1"));
        _hub.Publish("owner/two", Path.Combine(RepositoryFiles.Fixture("if-cascade"), "stage_2"));

        var pull = await RunAsync("models", "pull", "owner/one", "owner/two", "--name", "if");
        var list = await RunAsync("models", "list");
        var plan = await RunAsync("models", "plan", "if");

        Assert.Equal((0, ""), (pull.ExitCode, pull.Error));
        Assert.Matches("owner/one at commit [0-9a-f]{40}: 10 files, 2\\.0 MB", pull.Output);
        Assert.Matches("owner/two at commit [0-9a-f]{40}: 5 files, 1\\.4 MB", pull.Output);
        Assert.Matches("if: 32x32 pixels, .*, owner/one@[0-9a-f]{12} and owner/two@[0-9a-f]{12}, licence", list.Output);
        Assert.Equal((0, ""), (plan.ExitCode, plan.Error));
        Assert.Matches("if, base: .*, 16x16,(.*\n)*if, super-resolution: .*, 32x32,", plan.Output);
        foreach (var tuning in (string[])["full", "kv", "lora"])
            Assert.Equal(2 * 6, plan.Output.Split('\n').Count(line => line.TrimStart('│', ' ').StartsWith($"{tuning} ", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Pull_KilledOnTheWay_GoesOnWithoutAByteTwice()
    {
        var reached = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _hub.Sending = async (context, _) =>
        {
            if (_hub.Served < 600_000) return true;
            reached.TrySetResult();
            await Task.Delay(Timeout.Infinite, context.RequestAborted);
            return false;
        };
        using (var killed = ImagicProcess.Run(Variables, "models", "pull", Name))
        {
            await reached.Task.WaitAsync(TimeSpan.FromMinutes(1), Token);
            // The hub has sent it; the program has to get there too.
            using var deadline = CancellationTokenSource.CreateLinkedTokenSource(Token);
            deadline.CancelAfter(TimeSpan.FromMinutes(1));
            while (Kept() < 300_000) await Task.Delay(10, deadline.Token);
            await killed.SignalAsync("KILL");
            await killed.EndAsync();
        }

        Assert.False(Directory.Exists(Path.Combine(Models, "micro")));
        var kept = Kept();
        Assert.InRange(kept, 300_000, _hub.Served);
        var before = _hub;
        _hub = await before.AgainAsync();
        await before.DisposeAsync();

        var end = await RunAsync("models", "pull", Name);

        Assert.Equal((0, ""), (end.ExitCode, end.Error));
        // The index is asked for anew; what came of the others is not.
        Assert.Equal(Bytes() - kept, _hub.Served);
    }

    [Fact]
    public async Task Pull_StoppedByCtrlC_SaysThatItGoesOn()
    {
        var reached = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _hub.Sending = async (context, sent) =>
        {
            if (context.Response.ContentLength < 500_000) return true;
            reached.TrySetResult();
            await Task.Delay(Timeout.Infinite, context.RequestAborted);
            return false;
        };
        using var stopped = ImagicProcess.Run(Variables, "models", "pull", Name);
        await reached.Task.WaitAsync(TimeSpan.FromMinutes(1), Token);

        await stopped.SignalAsync("TERM");

        var end = await stopped.EndAsync();
        Assert.Equal((130, ""), (end.ExitCode, end.Error));
        Assert.Contains("the same command goes on from there", end.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Pull_OntoAFullDisk_ExitsWith75()
    {
        using var process = ImagicProcess.RunOnFullDisk(Variables, kibibytes: 400, "models", "pull", Name);

        var end = await process.EndAsync();

        Assert.Equal(75, end.ExitCode);
        Assert.StartsWith($"imagic: The disk of this machine cannot be used in the folder {Models}/.micro.part-", end.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(2, "There is no model 'owner/other'", "owner/other")]
    [InlineData(2, "has no revision 'v9'", "owner/micro@v9")]
    [InlineData(2, "names no model of a hub", "a/b/c")]
    [InlineData(2, "is the name of a model that ships with the program", "owner/micro", "--name", "emoji-64")]
    [InlineData(2, "cannot be the name of a model", "owner/micro", "--name", ".hidden")]
    [InlineData(2, "give it a name with --name", "owner/one", "owner/two")]
    [InlineData(2, "is no address of a hub", "owner/micro", "--hub", "huggingface")]
    [InlineData(4, "Is this machine online?", "owner/micro", "--hub", "http://127.0.0.1:1")]
    public async Task Pull_OfWhatCannotBe_SaysWhy(int code, string sentence, params string[] arguments)
    {
        var end = await RunAsync(["models", "pull", .. arguments]);

        Assert.Equal(code, end.ExitCode);
        Assert.Contains(sentence, end.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", end.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Speed_IsThatOfTheLastSeconds()
    {
        var time = new Microsoft.Extensions.Time.Testing.FakeTimeProvider();
        var speed = new TransferSpeed(time);
        // What was there before the start came in no time.
        for (var second = 0; second <= 30; second++)
        {
            if (second > 0) time.Advance(TimeSpan.FromSeconds(1));
            speed.Report(new("f", 500_000_000 + (second <= 15 ? second * 1_000_000L : 15_000_000 + ((second - 15) * 10_000_000L)), 1_000_000_000));
        }

        Assert.Equal("665 of 1000 MB, 10.0 MB/s, 0:00:34 left", speed.Describe(new("f", 665_000_000, 1_000_000_000)));
    }

    private Task<ProcessEnd> RunAsync(params string[] arguments) => RunAsync(Variables, arguments);

    private static async Task<ProcessEnd> RunAsync(Dictionary<string, string> variables, string[] arguments)
    {
        using var process = ImagicProcess.Run(variables, arguments);
        return await process.EndAsync();
    }

    private long Bytes() => new DirectoryInfo(Path.Combine(Models, "micro")).EnumerateFiles("*", SearchOption.AllDirectories).Where(file => file.Name != "hub.json").Sum(file => file.Length);

    private long Kept()
    {
        var journal = File.ReadAllBytes(Path.Combine(Assert.Single(Directory.EnumerateDirectories(Models)), ".journal"));
        return Enumerable.Range(0, journal.Length / sizeof(long)).Sum(i => BitConverter.ToInt64(journal, i * sizeof(long)));
    }
}

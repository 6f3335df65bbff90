using System.Collections.Immutable;
using System.CommandLine;
using Imagic.Imaging;
using Imagic.LocalHost.Azurite;
using Imagic.Storage;
using Imagic.TestKit;
using Imagic.TestKit.Fuzz;
using Imagic.Worker;
using Microsoft.Extensions.Logging.Abstractions;

namespace Imagic.Lab.Soak;

/// <summary><c>imagic lab soak</c>: the long, bounded tests; the test suite runs short versions of them.</summary>
internal static class SoakCommand
{
    // What the runtime and the allocators settle on: 230 MB more after 100,000 inputs, 280 MB after 300,000.
    private const long MostGrowth = 320_000_000;

    public static Command Create()
    {
        var inputs = new Option<int>("--inputs") { Description = "Damaged pictures to decode", DefaultValueFactory = _ => 20_000 };
        var kills = new Option<int>("--kills") { Description = "Kills at random moments", DefaultValueFactory = _ => 30 };
        var seed = new Option<int>("--seed") { Description = "Seed of damage and kill times", DefaultValueFactory = _ => 1 };
        var model = new Option<string>("--model") { Description = "Tiny model that the edit is made with", DefaultValueFactory = _ => MicroEdit.Model };
        model.AcceptOnlyFromAmong(MicroEdit.Model, "sd2-micro", "sdxl-micro", MicroEdit.Cascade);
        var tuning = EnumOption.Create<Tuning>("--tuning", "What the edit tunes");
        var every = new Option<int>("--every") { Description = "Disturb every Nth call", DefaultValueFactory = _ => 1 };
        var edits = new Option<int>("--edits") { Description = "Edits to start", DefaultValueFactory = _ => 300 };
        var executions = new Option<int>("--executions") { Description = "Most executions of one stage at a time", DefaultValueFactory = _ => 5 };
        var stops = new Option<int>("--stops") { Description = "Executions that are told to stop", DefaultValueFactory = _ => 10 };
        var jobs = new Option<int>("--edits") { Description = "Edits to start", DefaultValueFactory = _ => 12 };
        var attacks = new Option<int>("--attacks") { Description = "Attacks on the pipeline", DefaultValueFactory = _ => 3000 };
        var listed = new Option<int>("--edits") { Description = "Edits in the index", DefaultValueFactory = _ => 100_000 };
        var waiting = new Option<int>("--clients") { Description = "Clients that follow an edit each", DefaultValueFactory = _ => 100 };
        var seconds = new Option<int>("--seconds") { Description = "How long in each way", DefaultValueFactory = _ => 60 };
        var megabytes = new Option<int>("--megabytes") { Description = "Size of the state", DefaultValueFactory = _ => 1000 };

        var all = new Command("soak", "Runs the long tests and prints their figures");
        Add("images", "Feeds damaged pictures to the decoder: no crash, no hang, no growth of memory", [inputs, seed],
            (parsed, token) => Task.FromResult(Images(parsed.GetValue(inputs), parsed.GetValue(seed), token)));
        Add("direct-kills", "Kills an edit in one process at random moments and compares its pictures", [kills, seed],
            (parsed, token) => DirectKillsAsync(parsed.GetValue(kills), parsed.GetValue(seed), token));
        Add("kills", "Kills workers at every step boundary and at random moments and compares the results", [kills, seed, model, tuning],
            (parsed, token) => WithStorageAsync(
                options => new KillSoak(options, NullLogger.Instance, Console.Out, parsed.GetRequiredValue(model), SettingsOf(parsed.GetRequiredValue(model), parsed.GetValue(tuning) ?? Tuning.Full))
                    .RunAsync(parsed.GetValue(kills), parsed.GetValue(seed), token),
                token));
        Add("faults", "Lets every storage call of an edit fail once, in every way, and a worker's disk and device from every call on", [every, model],
            (parsed, token) => WithStorageAsync(
                async options => await FaultsAsync(options, parsed.GetRequiredValue(model), parsed.GetValue(every), token)
                    & await new MachineFaultSoak(new(options), NullLogger.Instance, Console.Out).RunAsync(parsed.GetValue(every), token),
                token));
        Add("scale", "Starts workers by the length of the queues, from none to many to none, and stops some of them", [jobs, executions, stops, seed],
            (parsed, token) => WithStorageAsync(options => new ScaleSoak(options, NullLogger.Instance, Console.Out).RunAsync(
                parsed.GetValue(jobs), parsed.GetValue(executions), parsed.GetValue(stops), parsed.GetValue(seed), token), token));
        Add("checkpoints", "Measures what a checkpoint of a large model costs", [megabytes],
            (parsed, token) => WithStorageAsync(options => new CheckpointSoak(new(options), Console.Out).RunAsync(parsed.GetValue(megabytes) * 1_000_000L, 4, token), token));
        Add("list", "Fills the index with many edits and measures what a page of the list costs", [listed],
            (parsed, token) => WithStorageAsync(inMemory: true, options => new ListSoak(options, Console.Out).RunAsync(parsed.GetValue(listed), rounds: 5, token), token));
        Add("wait", "Follows edits by polling, by Prefer: wait and by events, and measures requests and storage calls", [waiting, seconds],
            (parsed, token) => WithStorageAsync(
                inMemory: true, options => new WaitSoak(options, Console.Out).RunAsync(parsed.GetValue(waiting), parsed.GetValue(seconds), token), token));
        Add("load", "Measures calls of 1, 16 and 64 clients, starts many edits in a pipeline with three workers and measures what that costs", [edits],
            (parsed, token) => new LoadSoak(Console.Out).RunAsync(parsed.GetValue(edits), withCalls: true, token));
        Add("hostile", "Attacks a pipeline by calls, events, messages and damaged blobs; honest edits among them end as ever", [attacks, seed],
            (parsed, token) => new HostileSoak(Console.Out).RunAsync(parsed.GetValue(attacks), parsed.GetValue(seed), token));
        all.SetAction(async (_, token) =>
        {
            var good = true;
            foreach (var command in all.Subcommands) good &= await command.Parse([]).InvokeAsync(new() { EnableDefaultExceptionHandler = false }, token) == ExitCode.Done;
            return Code(good);
        });
        return all;

        void Add(string name, string description, Option[] options, Func<ParseResult, CancellationToken, Task<bool>> run)
        {
            var command = new Command(name, description);
            foreach (var option in options) command.Add(option);
            command.SetAction(async (parsed, token) => Code(await run(parsed, token)));
            all.Add(command);
        }
    }

    private static bool Images(int inputs, int seed, CancellationToken cancellationToken)
    {
        var report = ImageFuzzer.Run(inputs, seed, progress: null, cancellationToken);
        var growth = report.ResidentAfter - report.ResidentBefore;
        var refused = string.Join(", ", report.Refused.OrderByDescending(problem => problem.Value).Select(problem => $"{problem.Value} {problem.Key}"));
        Console.WriteLine($"image soak: {report.Inputs} inputs in {report.Elapsed.TotalSeconds:F0} s, {report.Decoded} decoded, refused: {refused}");
        Console.WriteLine($"image soak: slowest {report.Slowest.TotalMilliseconds:F0} ms, memory grew by {growth / 1e6:F0} MB, {report.Failures.Count} failures");
        foreach (var failure in report.Failures) Console.WriteLine($"image soak: input {failure.Index} {failure.What}");
        return report.Failures.Count == 0 && report.Inputs == inputs && growth < MostGrowth;
    }

    private static Task<bool> DirectKillsAsync(int kills, int seed, CancellationToken cancellationToken)
    {
        var picture = Path.Combine(ModelFolders.Root, ModelFolders.Default, "samples", "red-heart.png");
        return new DirectKillSoak(Path.Combine(AppContext.BaseDirectory, "imagic"), ModelFolders.Default, picture, Console.Out).RunAsync(kills, seed, cancellationToken);
    }

    private static async Task<bool> FaultsAsync(StorageOptions options, string model, int every, CancellationToken cancellationToken)
    {
        if (model != MicroEdit.Cascade) return await new FaultSoak(options, NullLogger.Instance, Console.Out, model).RunAsync(every, cancellationToken);
        // Of two stages that are side by side either may end last, and then asks for the next.
        var good = true;
        foreach (var last in new[] { EditStage.FineTune, EditStage.FineTuneSuperResolution })
        {
            var order = Enum.GetValues<EditStage>().OrderByDescending(stage => stage == last ? EditStage.Optimize : stage).ToImmutableArray();
            good &= await new FaultSoak(options, NullLogger.Instance, Console.Out, model, order).RunAsync(every, cancellationToken);
        }

        return good;
    }

    private static EditSettings SettingsOf(string model, Tuning tuning)
    {
        var settings = MicroEdit.SettingsOf(model);
        return settings with { FineTune = settings.FineTune with { Tuning = tuning, Rank = tuning == Tuning.Lora ? 2 : null } };
    }

    // A storage emulator of its own, with its data on disk as in `imagic up`.
    private static Task<bool> WithStorageAsync(Func<StorageOptions, Task<bool>> run, CancellationToken cancellationToken) =>
        WithStorageAsync(inMemory: false, run, cancellationToken);

    // On disk it writes its whole table of contents every few seconds, which a hundred thousand blobs make slow.
    private static async Task<bool> WithStorageAsync(bool inMemory, Func<StorageOptions, Task<bool>> run, CancellationToken cancellationToken)
    {
        var folder = Directory.CreateTempSubdirectory("imagic-soak-").FullName;
        try
        {
            await using var azurite = await AzuriteProcess.StartAsync(inMemory ? null : folder, 0, 0, [AzuriteAccount.WellKnown], cancellationToken);
            return await run(azurite.Options(AzuriteAccount.WellKnown));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static int Code(bool passed) => passed ? ExitCode.Done : ExitCode.CheckFailed;
}

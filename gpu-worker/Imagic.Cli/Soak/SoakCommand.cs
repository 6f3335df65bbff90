using System.CommandLine;
using Imagic.Imaging;
using Imagic.Imaging.Fuzz;

namespace Imagic.Cli.Soak;

/// <summary><c>imagic soak</c>: the long, bounded tests; the test suite runs short versions of them.</summary>
internal static class SoakCommand
{
    // What the runtime and the allocators may still be settling on after the first decodings.
    private const long MostGrowth = 100_000_000;

    public static Command Create()
    {
        var inputs = new Option<int>("--inputs") { Description = "Damaged pictures to decode", DefaultValueFactory = _ => 20_000 };
        var kills = new Option<int>("--kills") { Description = "Kills to survive", DefaultValueFactory = _ => 30 };
        var seed = new Option<int>("--seed") { Description = "Seed of damage and kill times", DefaultValueFactory = _ => 1 };
        var images = new Command("images", "Feeds damaged pictures to the decoder: no crash, no hang, no growth of memory") { inputs, seed };
        images.SetAction((parsed, token) => Task.FromResult(Code(Images(parsed.GetValue(inputs), parsed.GetValue(seed), token))));
        var edits = new Command("kills", "Kills an edit at random moments and compares the pictures with an undisturbed run") { kills, seed };
        edits.SetAction(async (parsed, token) => Code(await KillsAsync(parsed.GetValue(kills), parsed.GetValue(seed), token)));
        var all = new Command("soak", "Runs the long tests and prints their figures") { images, edits };
        all.SetAction(async (_, token) => Code(Images(20_000, 1, token) & await KillsAsync(30, 1, token)));
        return all;
    }

    private static bool Images(int inputs, int seed, CancellationToken cancellationToken)
    {
        var report = ImageFuzzer.Run(ImageCodec.Default, inputs, seed, progress: null, cancellationToken);
        var growth = report.ResidentAfter - report.ResidentBefore;
        var refused = string.Join(", ", report.Refused.OrderByDescending(problem => problem.Value).Select(problem => $"{problem.Value} {problem.Key}"));
        Console.WriteLine($"image soak: {report.Inputs} inputs in {report.Elapsed.TotalSeconds:F0} s, {report.Decoded} decoded, refused: {refused}");
        Console.WriteLine($"image soak: slowest {report.Slowest.TotalMilliseconds:F0} ms, memory grew by {growth / 1e6:F0} MB, {report.Failures.Count} failures");
        foreach (var failure in report.Failures) Console.WriteLine($"image soak: input {failure.Index} {failure.What}");
        return report.Failures.Count == 0 && report.Inputs == inputs && growth < MostGrowth;
    }

    private static Task<bool> KillsAsync(int kills, int seed, CancellationToken cancellationToken)
    {
        var picture = Path.Combine(ModelFolders.Root, ModelFolders.Default, "samples", "red-heart.png");
        return new KillSoak(Environment.ProcessPath!, picture, Console.Out).RunAsync(kills, seed, cancellationToken);
    }

    private static int Code(bool passed) => passed ? ExitCode.Done : ExitCode.CheckFailed;
}

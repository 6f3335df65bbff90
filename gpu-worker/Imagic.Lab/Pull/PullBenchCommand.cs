using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;

namespace Imagic.Lab.Pull;

/// <summary><c>imagic lab pull</c>: how fast a package comes from a hub on this machine, and what a kill costs.</summary>
internal static partial class PullBenchCommand
{
    private const string Name = "lab/ballast", Model = "ballast";

    public static Command Create()
    {
        var megabytes = new Option<int>("--megabytes") { Description = "Size of the largest file", DefaultValueFactory = _ => 1000 };
        var model = new Option<string>("--model") { Description = "Package that the file is added to", DefaultValueFactory = _ => Path.Combine(Checkout.Root ?? ".", "gpu-worker", "models", "emoji-64") };
        var command = new Command("pull", "Pulls a package from a hub on this machine: once at a stretch, once killed half-way; counts what the hub sends") { megabytes, model };
        command.SetAction((parsed, cancellationToken) => RunAsync(parsed.GetValue(megabytes) * 1_000_000L, parsed.GetRequiredValue(model), cancellationToken));
        return command;
    }

    private static async Task<int> RunAsync(long bytes, string model, CancellationToken cancellationToken)
    {
        var folder = Directory.CreateTempSubdirectory("imagic-pull-").FullName;
        try
        {
            var repository = Path.Combine(folder, "repository");
            await MakeAsync(repository, model, bytes, cancellationToken);
            await using var hub = await LocalHub.StartAsync();
            hub.Publish(Name, repository);

            var started = Stopwatch.GetTimestamp();
            var said = await PullAsync(hub, Path.Combine(folder, "whole"), killAt: null, cancellationToken);
            var (all, whole) = (Stopwatch.GetElapsedTime(started).TotalSeconds, hub.Served);
            var seconds = double.Parse(Took().Match(said).Groups["seconds"].Value, CultureInfo.InvariantCulture);
            Say($"at a stretch: {whole / 1e6:F0} MB, fetched, checked and in place after {seconds:F1} s: {whole / 1e6 / seconds:F0} MB/s; the whole command {all:F1} s");

            var home = Path.Combine(folder, "killed");
            await PullAsync(hub, home, whole + (bytes / 2), cancellationToken);
            var (first, kept) = (hub.Served - whole, Kept(home));
            await using var again = await hub.AgainAsync();
            await PullAsync(again, home, killAt: null, cancellationToken);
            var second = again.Served;
            // The index is asked for each time.
            var twice = second + kept - whole;
            Say($"killed: of {first / 1e6:F3} MB sent, {kept / 1e6:F3} MB are kept, the rest was on its way; then {second / 1e6:F3} MB come, {twice} bytes of what was kept among them");
            return whole / 1e6 / seconds > 200 && twice == 0 ? ExitCode.Done : ExitCode.CheckFailed;
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }

        static void Say(FormattableString text) => Console.WriteLine(text.ToString(CultureInfo.InvariantCulture));
    }

    // As the journal has it: parts have holes.
    private static long Kept(string home)
    {
        var part = Directory.EnumerateDirectories(Path.Combine(home, "models")).Single();
        var journal = File.ReadAllBytes(Path.Combine(part, ".journal"));
        return Enumerable.Range(0, journal.Length / sizeof(long)).Sum(i => BitConverter.ToInt64(journal, i * sizeof(long)));
    }

    // The file belongs to a component that no reader knows.
    private static async Task MakeAsync(string repository, string model, long bytes, CancellationToken cancellationToken)
    {
        foreach (var file in Diffusion.Packages.ModelPackage.Open(model).Files())
        {
            var copy = Path.Combine(repository, Path.GetRelativePath(model, file));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(file, copy);
        }

        var index = Path.Combine(repository, "model_index.json");
        await File.WriteAllTextAsync(index, (await File.ReadAllTextAsync(index, cancellationToken)).TrimEnd().TrimEnd('}') + ", \"ballast\": [\"none\", \"Ballast\"] }", cancellationToken);
        Directory.CreateDirectory(Path.Combine(repository, "ballast"));
        await using var stream = File.Create(Path.Combine(repository, "ballast", "model.safetensors"));
        var random = new Random(1);
        var block = new byte[1_000_000];
        for (var at = 0L; at < bytes; at += block.Length)
        {
            random.NextBytes(block);
            await stream.WriteAsync(block, cancellationToken);
        }
    }

    private static async Task<string> PullAsync(LocalHub hub, string home, long? killAt, CancellationToken cancellationToken)
    {
        using var process = ImagicProcess.Run(new Dictionary<string, string> { ["IMAGIC_HOME"] = home }, "models", "pull", Name, "--hub", hub.Address.AbsoluteUri, "--name", Model);
        if (killAt is { } limit)
        {
            while (hub.Served < limit) await Task.Delay(5, cancellationToken);
            await process.SignalAsync("KILL");
        }

        var end = await process.EndAsync();
        if (killAt is null && end.ExitCode != 0) throw new IOException($"The pull ended with {end.ExitCode}: {end.Error}");
        return end.Output;
    }

    [GeneratedRegex(@" MB in (?<seconds>[0-9.]+) s, ", RegexOptions.ExplicitCapture)]
    private static partial Regex Took();
}

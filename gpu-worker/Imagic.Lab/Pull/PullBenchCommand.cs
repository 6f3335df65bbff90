using System.CommandLine;
using System.Diagnostics;
using System.Globalization;

namespace Imagic.Lab.Pull;

/// <summary><c>imagic lab pull</c>: how fast a package comes from a hub on this machine, and what a kill costs.</summary>
internal static class PullBenchCommand
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
            await PullAsync(hub, Path.Combine(folder, "whole"), killAt: null, cancellationToken);
            var (seconds, whole) = (Stopwatch.GetElapsedTime(started).TotalSeconds, hub.Served);
            Say($"at a stretch: {whole / 1e6:F0} MB in {seconds:F2} s, start and check of the program included: {whole / 1e6 / seconds:F0} MB/s");

            await PullAsync(hub, Path.Combine(folder, "killed"), whole + (bytes / 2), cancellationToken);
            var first = hub.Served - whole;
            await PullAsync(hub, Path.Combine(folder, "killed"), killAt: null, cancellationToken);
            var twice = hub.Served - whole - whole;
            Say($"killed after {first / 1e6:F0} MB: the hub sent {twice / 1e6:F3} MB more than once, on their way to the 8 connections when it died");
            return whole / 1e6 / seconds > 200 && twice < 100_000_000 ? ExitCode.Done : ExitCode.CheckFailed;
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }

        static void Say(FormattableString text) => Console.WriteLine(text.ToString(CultureInfo.InvariantCulture));
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

    private static async Task PullAsync(LocalHub hub, string home, long? killAt, CancellationToken cancellationToken)
    {
        using var process = ImagicProcess.Run(new Dictionary<string, string> { ["IMAGIC_HOME"] = home }, "models", "pull", Name, "--hub", hub.Address.AbsoluteUri, "--name", Model);
        if (killAt is { } limit)
        {
            while (hub.Served < limit) await Task.Delay(5, cancellationToken);
            await process.SignalAsync("KILL");
        }

        var end = await process.EndAsync();
        if (killAt is null && end.ExitCode != 0) throw new IOException($"The pull ended with {end.ExitCode}: {end.Error}");
    }
}

using System.Diagnostics;
using System.Text.Json;
using Imagic.Contracts.Results;

namespace Imagic.Lab.Soak;

/// <summary>
/// Kills an edit with SIGKILL at random moments, over and over, until it is done, and compares the pictures' hashes
/// with those of an undisturbed run.
/// </summary>
/// <param name="program">Path of the imagic executable.</param>
/// <param name="model">Name or folder of the model.</param>
/// <param name="picture">Picture to edit.</param>
/// <param name="output">Where the figures go.</param>
internal sealed class DirectKillSoak(string program, string model, string picture, TextWriter output)
{
    // Small enough to finish in seconds and long enough that kills land in every stage.
    private static readonly string[] EditArguments =
    [
        "a heart", "--optimize-steps", "20", "--finetune-steps", "20", "--steps", "8", "--seeds", "1,2", "--eta", "0.5,1",
        "--blend", "1,0.5", "--sample-batch", "3", "--preview", "0", "--checkpoint-every", "0.2", "--threads", "1",
    ];

    /// <summary>Runs until the edit has ended <paramref name="kills"/> kills later, or is done earlier and starts over.</summary>
    /// <returns>Whether every finished edit gave the same bytes.</returns>
    public async Task<bool> RunAsync(int kills, int seed, CancellationToken cancellationToken)
    {
        var folder = Directory.CreateTempSubdirectory("imagic-soak-").FullName;
        try
        {
            var started = Stopwatch.GetTimestamp();
            var expected = await UndisturbedAsync(Path.Combine(folder, "whole"), cancellationToken);
            var whole = Stopwatch.GetElapsedTime(started);
            output.WriteLine($"undisturbed edit: {whole.TotalSeconds:F1} s");

            var random = new Random(seed);
            var (done, finished, same) = (0, 0, true);
            while (done < kills)
            {
                var pieces = Path.Combine(folder, $"pieces-{finished}");
                while (!await RunForAsync(pieces, whole * random.NextDouble(), cancellationToken)) done++;
                finished++;
                var equal = (await HashesAsync(pieces, cancellationToken)).SequenceEqual(expected);
                same &= equal;
                output.WriteLine($"edit {finished}: done after {done} kills in all, pictures {(equal ? "the same bytes" : "DIFFER")}");
                Directory.Delete(pieces, recursive: true);
            }

            output.WriteLine($"kill soak: {done} kills, {finished} edits, {(same ? "all the same bytes" : "DIFFERENCES")}");
            return same;
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private async Task<string[]> UndisturbedAsync(string folder, CancellationToken cancellationToken)
    {
        using var process = Start(folder);
        await process.WaitForExitAsync(cancellationToken);
        return process.ExitCode == ExitCode.Done
            ? await HashesAsync(folder, cancellationToken)
            : throw new IOException($"The undisturbed edit ended with exit code {process.ExitCode}.");
    }

    /// <summary>Runs the edit for at most <paramref name="time"/>, then kills it; true when it ended by itself.</summary>
    private async Task<bool> RunForAsync(string folder, TimeSpan time, CancellationToken cancellationToken)
    {
        using var process = Start(folder);
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(time);
        try
        {
            await process.WaitForExitAsync(deadline.Token);
            return process.ExitCode == ExitCode.Done ? true : throw new IOException($"The edit ended with exit code {process.ExitCode}.");
        }
        catch (OperationCanceledException)
        {
            process.Kill();
            await process.WaitForExitAsync(CancellationToken.None);
            cancellationToken.ThrowIfCancellationRequested();
            return process.ExitCode == ExitCode.Done;
        }
    }

    // The edit's own lines are taken and dropped: the soak prints figures only.
    private Process Start(string folder)
    {
        var process = Process.Start(
            new ProcessStartInfo(program, ["edit", picture, "--model", model, "--direct", .. EditArguments, "--out", folder]) { RedirectStandardOutput = true, UseShellExecute = false })!;
        process.BeginOutputReadLine();
        return process;
    }

    private static async Task<string[]> HashesAsync(string folder, CancellationToken cancellationToken)
    {
        await using var stream = File.OpenRead(Path.Combine(folder, ResultManifest.RecordFile));
        var record = await JsonSerializer.DeserializeAsync(stream, ResultJsonContext.Default.ResultRecord, cancellationToken);
        return [.. record!.Pictures.Select(file => file.PixelsSha256)];
    }
}

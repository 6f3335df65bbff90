using Imagic.Contracts.Edits;
using Imagic.Editing;
using Imagic.Storage;
using Microsoft.Extensions.Logging;

namespace Imagic.Lab.Soak;

/// <summary>
/// Kills worker processes with SIGKILL, at every step boundary of every stage and at random moments, and compares the
/// result with that of an undisturbed edit.
/// </summary>
/// <param name="options">The storage account.</param>
/// <param name="logger">Hears what workers of this process say.</param>
/// <param name="output">Where the figures go.</param>
/// <param name="model">Name of a tiny model.</param>
/// <param name="settings">What is made with it; <see cref="MicroEdit.Settings"/> when null.</param>
public sealed class KillSoak(
    StorageOptions options, ILogger logger, TextWriter output, string model = MicroEdit.Model, EditSettings? settings = null)
{
    // Kills before the first checkpoint of a claim are no progress; here there are many on purpose.
    private static readonly string[] Patient = ["--max-attempts", "1000"];

    /// <param name="randomKills">Kills at random moments.</param>
    /// <param name="seed">Seed of the moments.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>Whether every edit ended with the same bytes and nothing left over.</returns>
    public async Task<bool> RunAsync(int randomKills, int seed, CancellationToken cancellationToken)
    {
        var account = new StorageAccount(options);
        await account.EnsureCreatedAsync(cancellationToken);
        var (expected, time) = await UndisturbedAsync(account, cancellationToken);
        output.WriteLine($"undisturbed edit: {time.TotalSeconds:F1} s, result {expected}");
        return await AtBoundariesAsync(account, expected, cancellationToken)
            & await AtRandomAsync(account, expected, time, randomKills, seed, cancellationToken);
    }

    private Task<MicroEdit> StartAsync(StorageAccount account, string id, CancellationToken cancellationToken) =>
        MicroEdit.StartAsync(account, logger, cancellationToken, id, settings, model: model);

    private async Task<(string Result, TimeSpan Time)> UndisturbedAsync(StorageAccount account, CancellationToken cancellationToken)
    {
        var edit = await StartAsync(account, "undisturbed", cancellationToken);
        await using var worker = new WorkerProcess(options);
        await worker.ReadyAsync(cancellationToken);
        var started = TimeProvider.System.GetTimestamp();
        var record = await edit.WaitAsync(record => record.HasEnded(), cancellationToken);
        return (
            record.ResultSha256 ?? throw new InvalidOperationException($"The undisturbed edit ended {record.State}: {record.Error?.Message}"),
            TimeProvider.System.GetElapsedTime(started));
    }

    private async Task<bool> AtBoundariesAsync(StorageAccount account, string expected, CancellationToken cancellationToken)
    {
        var edit = await StartAsync(account, "boundaries", cancellationToken);
        var kills = 0;
        var stages = new List<string>();
        foreach (var (stage, steps) in MicroEdit.PlanOf(settings ?? MicroEdit.Settings))
        {
            // Of two that are side by side the worker would do the other one whole.
            stages.Add(stage.Name());
            for (var step = 1; step <= steps; step++)
            {
                await using var worker = new WorkerProcess(options, 1, new(stage.Name(), step), [.. Patient, "--stages", string.Join(',', stages)]);
                var code = await worker.EndAsync(cancellationToken);
                if (code != WorkerProcess.KilledExitCode)
                    throw new InvalidOperationException($"The worker was to be killed after {stage.Name()}:{step} and ended with {code}: {string.Join('\n', worker.Lines)}");
                kills++;
            }
        }

        return await FinishAsync(edit, expected, $"killed at {kills} step boundaries", cancellationToken);
    }

    private async Task<bool> AtRandomAsync(
        StorageAccount account, string expected, TimeSpan time, int kills, int seed, CancellationToken cancellationToken)
    {
        var random = new Random(seed);
        var (done, edits, good) = (0, 0, true);
        while (done < kills)
        {
            var edit = await StartAsync(account, $"random-{edits++}", cancellationToken);
            var killed = 0;
            while (done < kills && !(await edit.RecordAsync(cancellationToken)).HasEnded())
            {
                var worker = new WorkerProcess(options, 1, null, Patient);
                await worker.ReadyAsync(cancellationToken);
                await Task.Delay(time * random.NextDouble(), cancellationToken);
                await worker.DisposeAsync();
                done++;
                killed++;
            }

            good &= await FinishAsync(edit, expected, $"killed at {killed} random moments", cancellationToken);
        }

        return good;
    }

    private async Task<bool> FinishAsync(MicroEdit edit, string expected, string how, CancellationToken cancellationToken)
    {
        var record = await edit.RunAsync(cancellationToken, MicroEdit.Options with { MaxAttempts = 1000 });
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        using var worker = edit.NewWorker();
        var running = worker.RunAsync(stop.Token);
        IReadOnlyList<string> wrong = [];
        try
        {
            await MicroEdit.WaitAsync(async () => (wrong = await edit.LeftoversAsync(record, cancellationToken)).Count == 0, cancellationToken, running);
        }
        catch (TimeoutException)
        {
            // said below
        }

        await stop.CancelAsync();
        await running;
        var same = record.State == EditState.Succeeded && record.ResultSha256 == expected;
        output.WriteLine(
            $"edit {edit.Id}, {how}: {record.State} with epoch {record.Epoch}, {(same ? "the same bytes" : $"DIFFERENT: {record.ResultSha256} {record.Error?.Message}")}"
            + (wrong.Count == 0 ? "" : $"; {string.Join("; ", wrong)}"));
        return same && wrong.Count == 0;
    }
}

using Imagic.Contracts.Edits;
using Imagic.Storage;
using Microsoft.Extensions.Logging;

namespace Imagic.Lab.Soak;

/// <summary>
/// Disturbs every storage call of an edit once, in every way, one run each. All runs must end with the same bytes, one
/// result per stage, and nothing left over.
/// </summary>
/// <param name="options">The storage account.</param>
/// <param name="logger">Hears what workers say.</param>
/// <param name="output">Where the figures go.</param>
public sealed class FaultSoak(StorageOptions options, ILogger logger, TextWriter output)
{
    /// <param name="every">1 disturbs each call; 7 every seventh, beginning with another one for each fault.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>Whether all runs ended as they must.</returns>
    public async Task<bool> RunAsync(int every, CancellationToken cancellationToken)
    {
        var account = new StorageAccount(options);
        await account.EnsureCreatedAsync(cancellationToken);
        var undisturbed = new FaultPolicy();
        var whole = await MicroEdit.StartAsync(account, logger, cancellationToken, "whole");
        var expected = await whole.RunAsync(cancellationToken, through: new StorageAccount(options, undisturbed));
        if (expected.State != EditState.Succeeded) throw new InvalidOperationException($"The undisturbed edit ended {expected.State}: {expected.Error?.Message}");
        // Polling and the wait for the end come on top of what the edit itself needs; they are disturbed too.
        var calls = undisturbed.Calls;
        output.WriteLine($"undisturbed edit: {calls.Count} storage calls, result {expected.ResultSha256}");

        var (runs, missed, bad) = (0, 0, 0);
        foreach (var fault in Enum.GetValues<Fault>())
        {
            for (var i = (int)fault % every; i < calls.Count; i += every)
            {
                runs++;
                var (wrong, disturbed) = await DisturbAsync(account, $"{fault.ToString().ToLowerInvariant()}-{i}", calls[i], fault, expected.ResultSha256!, cancellationToken);
                if (!disturbed) missed++;
                if (wrong.Count == 0) continue;
                bad++;
                output.WriteLine($"{calls[i]}, {fault}: {string.Join("; ", wrong)}");
            }
        }

        // A report a second and polls may come once less than in the undisturbed run.
        output.WriteLine($"fault soak: {runs} runs, {bad} not as they must be; {missed} ended before their call came");
        return bad == 0;
    }

    private async Task<(IReadOnlyList<string> Wrong, bool Disturbed)> DisturbAsync(
        StorageAccount account, string id, StorageCall call, Fault fault, string expected, CancellationToken cancellationToken)
    {
        var policy = new FaultPolicy(call, fault);
        var edit = await MicroEdit.StartAsync(account, logger, cancellationToken, id);
        var quick = MicroEdit.Options with { Visibility = TimeSpan.FromSeconds(1) };
        EditRecord record;
        try
        {
            record = await edit.RunAsync(cancellationToken, quick, new StorageAccount(options, policy));
        }
        catch (WorkerKilledException)
        {
            record = await edit.RunAsync(cancellationToken, quick);
        }

        if (record.State != EditState.Succeeded) return ([$"it ended {record.State}: {record.Error?.Message}"], policy.HasDisturbed);
        var wrong = new List<string>();
        if (record.ResultSha256 != expected) wrong.Add($"the result is {record.ResultSha256}");
        // A message whose deletion failed comes once more; some worker has to see it.
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        using var other = edit.NewWorker(quick);
        var running = other.RunAsync(stop.Token);
        IReadOnlyList<string> leftovers = [];
        try
        {
            await MicroEdit.WaitAsync(async () => (leftovers = await edit.LeftoversAsync(record, cancellationToken)).Count == 0, cancellationToken, running);
        }
        catch (TimeoutException)
        {
            wrong.AddRange(leftovers);
        }

        await stop.CancelAsync();
        await running;
        return (wrong, policy.HasDisturbed);
    }
}

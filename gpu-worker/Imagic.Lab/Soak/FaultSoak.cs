using System.Collections.Immutable;
using Imagic.Contracts;
using Imagic.Contracts.Edits;
using Imagic.Contracts.Webhooks;
using Imagic.Storage;
using Imagic.Worker;
using Microsoft.Extensions.Logging;

namespace Imagic.Lab.Soak;

/// <summary>
/// Disturbs every storage call of an edit and of its deletion once, in every way, one run each. All runs must end with the
/// same bytes, one result per stage, their end told under one id, and nothing left over, before and after the deletion.
/// </summary>
/// <param name="options">The storage account.</param>
/// <param name="logger">Hears what workers say.</param>
/// <param name="output">Where the figures go.</param>
/// <param name="model">Name of a tiny model.</param>
/// <param name="stages">The order in which workers look for stages; null is the usual.</param>
public sealed class FaultSoak(
    StorageOptions options, ILogger logger, TextWriter output, string model = MicroEdit.Model, ImmutableArray<EditStage>? stages = null)
{
    private const string Webhook = "https://example.com/hook";

    private readonly WorkerOptions _quick = MicroEdit.Options with { Visibility = TimeSpan.FromSeconds(1), Stages = stages ?? MicroEdit.Options.Stages };

    /// <param name="every">1 disturbs each call; 7 every seventh, beginning with another one for each fault.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>Whether all runs ended as they must.</returns>
    public async Task<bool> RunAsync(int every, CancellationToken cancellationToken)
    {
        var account = new StorageAccount(options);
        await account.EnsureCreatedAsync(cancellationToken);
        var undisturbed = new FaultPolicy();
        var whole = await StartAsync(account, "whole", cancellationToken);
        var expected = await whole.RunAsync(cancellationToken, _quick, through: new StorageAccount(options, undisturbed));
        if (expected.State != EditState.Succeeded) throw new InvalidOperationException($"The undisturbed edit ended {expected.State}: {expected.Error?.Message}");
        await TakeNoticesAsync(account, cancellationToken);
        await DeleteAsync(new StorageAccount(options, undisturbed), whole.Id, cancellationToken);
        await new TuningStore(account).SweepAsync(DateTimeOffset.MaxValue, cancellationToken);
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

    private Task<MicroEdit> StartAsync(StorageAccount account, string id, CancellationToken cancellationToken) =>
        MicroEdit.StartAsync(account, logger, cancellationToken, $"{string.Join('-', _quick.Stages.Select(stage => (int)stage))}-{id}", MicroEdit.SettingsOf(model), model: model, webhook: Webhook);

    private async Task<(IReadOnlyList<string> Wrong, bool Disturbed)> DisturbAsync(
        StorageAccount account, string id, StorageCall call, Fault fault, string expected, CancellationToken cancellationToken)
    {
        var policy = new FaultPolicy(call, fault);
        var edit = await StartAsync(account, id, cancellationToken);
        EditRecord record;
        try
        {
            record = await edit.RunAsync(cancellationToken, _quick, new StorageAccount(options, policy));
        }
        catch (WorkerKilledException)
        {
            record = await edit.RunAsync(cancellationToken, _quick);
        }

        if (record.State != EditState.Succeeded) return ([$"it ended {record.State}: {record.Error?.Message}"], policy.HasDisturbed);
        var wrong = new List<string>();
        if (record.ResultSha256 != expected) wrong.Add($"the result is {record.ResultSha256}");
        // A message whose deletion failed comes once more; some worker has to see it.
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        using var other = edit.NewWorker(_quick);
        var running = other.RunAsync(stop.Token);
        IReadOnlyList<string> leftovers = [];
        var notices = new List<WebhookMessage>();
        try
        {
            await MicroEdit.WaitAsync(
                async () =>
                {
                    notices.AddRange(await TakeNoticesAsync(account, cancellationToken));
                    return (leftovers = await edit.LeftoversAsync(record, cancellationToken)).Count == 0;
                },
                cancellationToken, running);
        }
        catch (TimeoutException)
        {
            wrong.AddRange(leftovers);
        }

        await stop.CancelAsync();
        await running;
        if (notices.Count == 0 || notices.Exists(notice => notice != WebhookMessage.Of(record))) wrong.Add($"its end was told {notices.Count} times: {string.Join(", ", notices)}");
        try
        {
            await DeleteAsync(new StorageAccount(options, policy), edit.Id, cancellationToken);
        }
        catch (Exception exception) when (exception is WorkerKilledException || StorageErrors.IsStorageError(exception))
        {
            // The next try does it.
        }

        await DeleteAsync(account, edit.Id, cancellationToken);
        wrong.AddRange(await RestAsync(account, edit.Id, cancellationToken));
        // So that the next edit writes its tuning again.
        await new TuningStore(account).SweepAsync(DateTimeOffset.MaxValue, cancellationToken);
        return (wrong, policy.HasDisturbed);
    }

    private static async Task DeleteAsync(StorageAccount account, EditId id, CancellationToken cancellationToken)
    {
        var deletion = new EditDeletion(account, new(account), new(account), new(account), new(account), new(account), TimeProvider.System);
        if (await deletion.RequestAsync(id, isGivenUp: false, cancellationToken) is { } marked) await deletion.TryFinishAsync(marked, cancellationToken);
    }

    private static async Task<IReadOnlyList<string>> RestAsync(StorageAccount account, EditId id, CancellationToken cancellationToken)
    {
        var rest = new List<string>();
        foreach (var container in StoragePaths.Containers)
        {
            await foreach (var blob in account.Blobs.GetBlobContainerClient(container).GetBlobsAsync(cancellationToken: cancellationToken))
            {
                if (blob.Name.Contains(id.Value, StringComparison.Ordinal)) rest.Add($"blob {container}/{blob.Name} is left after the deletion");
            }
        }

        return rest;
    }

    private static async Task<IReadOnlyList<WebhookMessage>> TakeNoticesAsync(StorageAccount account, CancellationToken cancellationToken)
    {
        var queue = account.Queues.GetQueueClient(StoragePaths.Webhooks);
        var notices = new List<WebhookMessage>();
        foreach (var message in (await queue.ReceiveMessagesAsync(32, cancellationToken: cancellationToken)).Value)
        {
            notices.Add(Versioning.Read(QueueText.Decode(message.Body.ToString()), ContractsJsonContext.Default.WebhookMessage, "The notice"));
            await queue.DeleteMessageAsync(message.MessageId, message.PopReceipt, cancellationToken);
        }

        return notices;
    }
}

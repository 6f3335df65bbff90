using Azure;
using Imagic.Contracts;
using Imagic.Contracts.Batches;
using Imagic.Contracts.Edits;
using Imagic.Contracts.Settings;
using Imagic.Functions.Edits;
using Imagic.Functions.Problems;
using Imagic.Functions.Webhooks;
using Imagic.Storage;
using Imagic.Storage.Batches;
using Imagic.Storage.Resilience;
using Imagic.Webhooks;
using Polly;

namespace Imagic.Functions.Batches;

/// <summary>
/// Expands manifests that are dropped into the container <c>batches</c>: all lines are checked, then the report is
/// written, then the edits start. It may end anywhere in between; the next delivery of the event goes on.
/// </summary>
internal sealed partial class BatchEvents(
    StorageAccount account,
    BatchStore batches,
    EditStarter starter,
    StageSender sender,
    EditRecords records,
    BatchDeletion deletion,
    WebhookSender webhooks,
    WebhookOptions webhookOptions,
    TimeProvider time,
    ILogger<BatchEvents> logger)
{
    private const string UnreadableTitle = "The manifest did not become edits.";

    // Storage calls of lines at a time; each line has a handful, one after the other.
    private const int Parallelism = 8;

    private readonly ResiliencePipeline _contended = ResiliencePipelines.Contended(time);

    /// <summary>Handles the creation of a blob.</summary>
    /// <returns>A sentence on what came of it.</returns>
    /// <exception cref="ContendedException">The report is overwritten all the time, or is leased.</exception>
    /// <exception cref="TooManyEditsException">The rest has to wait.</exception>
    public async Task<string> HandleAsync(string blob, CancellationToken cancellationToken)
    {
        if (!ManifestName.TryParse(blob, out var name)) return $"'{blob}' is no manifest.";
        try
        {
            return await _contended.ExecuteAsync(async token => await ExpandAsync(name, token), cancellationToken);
        }
        catch (UnreadableBatchException unreadable)
        {
            // It will be no more readable the next time.
            LogUnreadable(unreadable, name.Value);
            await ProblemBlobs.WriteAsync(
                account.Batches, name.Value, new(UnreadableTitle, StatusCodes.Status500InternalServerError, unreadable.Code, unreadable.Message), cancellationToken);
            return $"'{blob}' is left alone.";
        }
    }

    private async Task<string> ExpandAsync(ManifestName name, CancellationToken cancellationToken)
    {
        // The report first: whoever has put a newer one there since has read a newer manifest, and the write fails.
        var before = await batches.ReadReportAsync(name.Value, cancellationToken);
        if (await batches.ReadManifestAsync(name.Value, cancellationToken) is not { } manifest) return $"The manifest '{name.Value}' is gone.";
        var run = name.RunOf(manifest.ETag);
        if (await IsBeingDeletedAsync(name, run, cancellationToken)) return $"The batch '{name.Value}' is being deleted.";
        var lines = manifest.Content is { } content
            ? [.. ManifestReader.Read(content, name.IsCsv).Select(line => line with { Request = WithDefault(line.Request, manifest.Webhook) })]
            : (IReadOnlyList<ManifestLine>)[ManifestReader.TooLarge(manifest.Length)];
        if (before?.ValueOrNull is { } report && report.Run == run)
        {
            if ((await batches.ReadSummaryAsync(name.Value, cancellationToken))?.ValueOrNull is { } summary && summary.Run == run)
            {
                await webhooks.TellEndAsync(name.Value, report, summary, cancellationToken);
                return $"The batch '{name.Value}' has ended.";
            }
        }
        else
        {
            report = await CheckAsync(name, run, manifest, lines, cancellationToken);
            if (!await batches.TryWriteReportAsync(name.Value, report, before?.ETag, cancellationToken)) throw Overtaken(name);
            LogReported(name.Value, run, report.Accepted.Length, report.Rejected.Length);
        }

        // Whoever deletes the batch takes the manifest away before it reads the report.
        var isWanted = await batches.FindManifestAsync(name.Value, cancellationToken) is not null;
        var started = isWanted ? await StartAsync(name, report, lines, cancellationToken) : "";
        if (!isWanted || await IsGoneAsync(name, run, cancellationToken))
        {
            await deletion.FinishAsync(name, report, cancellationToken);
            return $"The batch '{name.Value}' was deleted while it started.";
        }

        await ProblemBlobs.DeleteAsync(account.Batches, name.Value, cancellationToken);
        return started;
    }

    private async Task<bool> IsBeingDeletedAsync(ManifestName name, string run, CancellationToken cancellationToken) =>
        (await batches.ReadDeletingAsync(name.Value, cancellationToken))?.ValueOrNull?.Run == run;

    private async Task<bool> IsGoneAsync(ManifestName name, string run, CancellationToken cancellationToken) =>
        await batches.ReadReportAsync(name.Value, cancellationToken) is null || await IsBeingDeletedAsync(name, run, cancellationToken);

    private async Task<BatchReport> CheckAsync(
        ManifestName name, string run, ManifestBlob manifest, IReadOnlyList<ManifestLine> lines, CancellationToken cancellationToken)
    {
        var accepted = new AcceptedLine?[lines.Count];
        var rejected = new RejectedLine?[lines.Count];
        await ForEachAsync(lines.Index(), async (line, cancellation) =>
        {
            var (index, (number, request, unreadable, _)) = line;
            try
            {
                rejected[index] = unreadable;
                if (request is null) return;
                var edit = await starter.CheckAsync(request, cancellation);
                accepted[index] = new(number, IdOf(name, manifest.ETag, number), edit.Picture.Name, edit.Settings.TargetText);
            }
            catch (RequestProblemException problem)
            {
                rejected[index] = new(number, problem.Code, problem.Message);
            }
        }, cancellationToken);
        return new()
        {
            Manifest = name.Value,
            Run = run,
            Created = time.GetUtcNow(),
            Webhook = UsableWebhook(manifest.Webhook),
            Accepted = [.. accepted.OfType<AcceptedLine>()],
            Rejected = [.. rejected.OfType<RejectedLine>()],
        };
    }

    private async Task<string> StartAsync(
        ManifestName name, BatchReport report, IReadOnlyList<ManifestLine> lines, CancellationToken cancellationToken)
    {
        if (await batches.ReadSummaryAsync(name.Value, cancellationToken) is { } older && older.ValueOrNull?.Run != report.Run)
            await batches.DeleteSummaryAsync(name.Value, older.ETag, cancellationToken);

        var requests = lines.Where(line => line.Request is not null).ToDictionary(line => line.Number, line => line.Request!);
        var refused = new System.Collections.Concurrent.ConcurrentBag<RejectedLine>();
        TooManyEditsException? tooMany = null;
        await ForEachAsync(report.Accepted, async (line, cancellation) =>
        {
            if (tooMany is not null || await records.ReadAsync(line.EditId, cancellation) is not null) return;
            try
            {
                var edit = await starter.CheckAsync(requests[line.Line], cancellation);
                var started = await starter.StartAsync(line.EditId, edit, Caller.Batches, new(name.Value, report.Run, line.Line), cancellation);
                if (started.Record is null)
                {
                    refused.Add(new(
                        line.Line, "source-changed",
                        $"The picture '{line.Source}' was overwritten while its edit started. Upload the manifest again."));
                }
            }
            catch (RequestProblemException problem) when (problem.Code != "source-changed")
            {
                refused.Add(new(line.Line, problem.Code, problem.Message)); // e.g. deleted since it was checked
            }
            catch (TooManyEditsException exception)
            {
                tooMany = exception; // the starts beside it go on
            }
        }, cancellationToken);
        if (tooMany is not null) throw tooMany;

        if (!refused.IsEmpty)
        {
            // The summary waits for every accepted line, and these will never end.
            if (await batches.ReadReportAsync(name.Value, cancellationToken) is not { } current || current.ValueOrNull?.Run != report.Run) throw Overtaken(name);
            report = Without(report, refused);
            if (!await batches.TryWriteReportAsync(name.Value, report, current.ETag, cancellationToken)) throw Overtaken(name);
            // All others may have ended meanwhile; a worker that gets a message of an ended edit counts again.
            if (report.Accepted is [var some, ..]) await sender.SendAsync(some.EditId, EditStage.Optimize, cancellationToken);
        }

        if (report.Accepted.IsEmpty)
        {
            var summary = EmptySummary(report);
            await batches.WriteSummaryAsync(name.Value, summary, cancellationToken);
            await webhooks.TellEndAsync(name.Value, report, summary, cancellationToken);
        }

        return $"The batch '{name.Value}' has {report.Accepted.Length} edits and {report.Rejected.Length} rejected lines.";
    }

    private static EditRequest? WithDefault(EditRequest? request, string? webhook) =>
        request is { Webhook: null } ? request with { Webhook = webhook } : request;

    // Of one that is not, each line says why.
    private string? UsableWebhook(string? webhook)
    {
        try
        {
            return RequestedWebhook.Check(webhook, webhookOptions);
        }
        catch (RequestProblemException)
        {
            return null;
        }
    }

    // The report was overwritten meanwhile: what is there now is read anew.
    private static ContendedException Overtaken(ManifestName name) => new(StoragePaths.BatchReport(name.Value));

    private static BatchReport Without(BatchReport report, IReadOnlyCollection<RejectedLine> refused)
    {
        var numbers = refused.Select(line => line.Line).ToHashSet();
        return report with
        {
            Accepted = [.. report.Accepted.Where(line => !numbers.Contains(line.Line))],
            Rejected = [.. report.Rejected.Concat(refused).OrderBy(line => line.Line)],
        };
    }

    // All other summaries are written when the last edit ends.
    private BatchSummary EmptySummary(BatchReport report) => new()
    {
        Manifest = report.Manifest,
        Run = report.Run,
        Ended = time.GetUtcNow(),
        Succeeded = 0,
        Failed = 0,
        Cancelled = 0,
        Rejected = report.Rejected.Length,
        Edits = [],
    };

    private static Task ForEachAsync<T>(IEnumerable<T> items, Func<T, CancellationToken, ValueTask> run, CancellationToken cancellationToken) =>
        Parallel.ForEachAsync(
            items, new ParallelOptions { MaxDegreeOfParallelism = Parallelism, CancellationToken = cancellationToken }, run);

    private static EditId IdOf(ManifestName name, ETag etag, int line) => EditId.Derive("batch", name.Value, etag.Text(), $"{line}");

    [LoggerMessage(Level = LogLevel.Information, Message = "Batch {Batch}, run {Run}: {Accepted} lines accepted, {Rejected} rejected")]
    private partial void LogReported(string batch, string run, int accepted, int rejected);

    [LoggerMessage(Level = LogLevel.Error, Message = "The batch {Batch} is left alone")]
    private partial void LogUnreadable(Exception exception, string batch);
}

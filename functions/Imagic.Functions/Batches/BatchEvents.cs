using System.Security.Cryptography;
using System.Text;
using Azure;
using Imagic.Contracts;
using Imagic.Contracts.Batches;
using Imagic.Contracts.Edits;
using Imagic.Contracts.Settings;
using Imagic.Functions.Edits;
using Imagic.Functions.Problems;
using Imagic.Storage;
using Imagic.Storage.Batches;
using Imagic.Storage.Resilience;
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
        var run = RunOf(name, manifest.ETag);
        var lines = manifest.Content is { } content
            ? ManifestReader.Read(content, name.IsCsv) : [ManifestReader.TooLarge(manifest.Length)];
        if (before?.ValueOrNull is { } report && report.Run == run)
        {
            if ((await batches.ReadSummaryAsync(name.Value, cancellationToken))?.ValueOrNull?.Run == run) return $"The batch '{name.Value}' has ended.";
        }
        else
        {
            report = await CheckAsync(name, run, manifest.ETag, lines, cancellationToken);
            if (!await batches.TryWriteReportAsync(name.Value, report, before?.ETag, cancellationToken)) throw Overtaken(name);
            LogReported(name.Value, run, report.Accepted.Length, report.Rejected.Length);
        }

        var started = await StartAsync(name, report, lines, cancellationToken);
        await ProblemBlobs.DeleteAsync(account.Batches, name.Value, cancellationToken);
        return started;
    }

    private async Task<BatchReport> CheckAsync(
        ManifestName name, string run, ETag etag, IReadOnlyList<ManifestLine> lines, CancellationToken cancellationToken)
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
                accepted[index] = new(number, IdOf(name, etag, number), edit.Picture.Name, edit.Settings.TargetText);
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

        if (report.Accepted.IsEmpty) await batches.WriteSummaryAsync(name.Value, EmptySummary(report), cancellationToken);
        return $"The batch '{name.Value}' has {report.Accepted.Length} edits and {report.Rejected.Length} rejected lines.";
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

    private static string RunOf(ManifestName name, ETag etag) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{name.Value}\n{etag.Text()}")).AsSpan(0, 8));

    [LoggerMessage(Level = LogLevel.Information, Message = "Batch {Batch}, run {Run}: {Accepted} lines accepted, {Rejected} rejected")]
    private partial void LogReported(string batch, string run, int accepted, int rejected);

    [LoggerMessage(Level = LogLevel.Error, Message = "The batch {Batch} is left alone")]
    private partial void LogUnreadable(Exception exception, string batch);
}

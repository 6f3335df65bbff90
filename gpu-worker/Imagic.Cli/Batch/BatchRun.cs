using Imagic.Cli.Api;
using Imagic.Contracts.Batches;
using Imagic.Contracts.Edits;
using Imagic.Storage;
using Spectre.Console;

namespace Imagic.Cli.Batch;

/// <summary>A batch from its upload to the pictures in a folder. The same again goes on with it, or finds it done.</summary>
internal sealed class BatchRun(LocalManifest manifest, StorageAccount account, string folder, IAnsiConsole console, TimeProvider time)
{
    private static readonly TimeSpan PollInterval = TimeSpan.FromSeconds(1);

    // Reading the manifest takes seconds; without an answer after this, nobody reads it.
    private static readonly TimeSpan ReportPatience = TimeSpan.FromMinutes(2);

    private readonly BatchStorage _storage = new(account);
    private readonly EditRecords _records = new(account);

    /// <summary>Runs it.</summary>
    /// <param name="pipeline">What works on it; null when that runs elsewhere.</param>
    /// <param name="cancellationToken">Stops following it.</param>
    public async Task<int> RunAsync(PipelineConnection? pipeline, CancellationToken cancellationToken)
    {
        try
        {
            if (pipeline is not null) await pipeline.OpenAsync(cancellationToken);
            var batch = await UploadAsync(cancellationToken);
            var report = await ReportAsync(pipeline, batch, cancellationToken);
            foreach (var line in report.Rejected.OrderBy(line => line.Line)) console.WriteLine($"line {line.Line} was rejected: {line.Message}");
            var summary = await FollowAsync(pipeline, batch, report, cancellationToken);
            var pictures = await new BatchDownload(account, folder).RunAsync(batch, report, summary, cancellationToken);
            return Describe(summary, pictures);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            console.WriteLine(pipeline?.Own is null
                ? "The batch goes on in the pipeline; the same command shows it again."
                : "Stopping: the worker leaves a checkpoint. The same command goes on from there.");
            return ExitCode.Stopped;
        }
    }

    private async Task<string> UploadAsync(CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            var batch = manifest.BatchName(attempt);
            // What failed before is tried anew under another name; what was rejected would be so again.
            if (await _storage.ReadSummaryAsync(batch, cancellationToken) is { } before)
            {
                if (before.Failed + before.Cancelled > 0) continue;
                console.WriteLine($"Batch {batch} was done before; its pictures are fetched.");
                return batch;
            }

            console.WriteLine($"Batch {batch}: uploading {manifest.Pictures.Length} {(manifest.Pictures.Length == 1 ? "picture" : "pictures")} …");
            await _storage.UploadAsync(manifest, batch, cancellationToken);
            return batch;
        }
    }

    private async Task<BatchReport> ReportAsync(PipelineConnection? pipeline, string batch, CancellationToken cancellationToken)
    {
        var started = time.GetTimestamp();
        while (true)
        {
            pipeline?.ThrowIfFailed();
            if (await _storage.ReadReportAsync(batch, cancellationToken) is { } report) return report;
            if (time.GetElapsedTime(started) > ReportPatience)
                throw new IOException("The manifest is uploaded, but no pipeline reads it. Is one running on this storage, with events of the container 'batches'?");
            await Task.Delay(PollInterval, time, cancellationToken);
        }
    }

    private Task<BatchSummary> FollowAsync(PipelineConnection? pipeline, string batch, BatchReport report, CancellationToken cancellationToken) =>
        BatchDisplay.RunAsync(console, time, report.Accepted.Length, async display =>
        {
            var progress = new BatchProgress(report, _records);
            while (true)
            {
                pipeline?.ThrowIfFailed();
                // Only a summary of this very reading of the manifest counts.
                if (await _storage.ReadSummaryAsync(batch, cancellationToken) is { } summary && summary.Run == report.Run)
                {
                    display.Finish(summary);
                    return summary;
                }

                display.Show(await progress.ReadAsync(cancellationToken));
                await Task.Delay(PollInterval, time, cancellationToken);
            }
        });

    private int Describe(BatchSummary summary, int pictures)
    {
        foreach (var line in summary.Edits.Where(line => line.State != EditState.Succeeded).OrderBy(line => line.Line))
            console.WriteLine($"line {line.Line} {line.State.ToString().ToLowerInvariant()}{(line.Message is { } message ? $": {message}" : "")}");
        var seconds = summary.Edits.Sum(line => line.Seconds);
        console.WriteLine($"{summary.Succeeded} edited, {summary.Failed} failed, {summary.Cancelled} cancelled, {summary.Rejected} rejected; {Status.EditText.Duration(TimeSpan.FromSeconds(seconds))} of computing.");
        if (pictures > 0)
        {
            console.WriteLine($"  pictures       {Path.Combine(folder, BatchDownload.PicturesFolder)}");
            console.WriteLine($"  contact sheet  {Path.Combine(folder, BatchDownload.ContactSheetFile)}");
        }

        console.WriteLine($"  summary        {Path.Combine(folder, BatchDownload.SummaryFile)}");
        return summary.Failed + summary.Cancelled + summary.Rejected == 0 ? ExitCode.Done : ExitCode.Failed;
    }
}

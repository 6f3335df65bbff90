using System.Collections.Concurrent;
using Imagic.Cli.Up;
using Imagic.Client;
using Imagic.Contracts.Batches;
using Imagic.Contracts.Edits;
using Spectre.Console;

namespace Imagic.Cli.Batch;

/// <summary>A batch from its upload to the pictures in a folder. The same again goes on with it, or finds it done.</summary>
internal sealed class BatchRun(LocalManifest manifest, PipelineConnection pipeline, string folder, IAnsiConsole console, TimeProvider time)
{
    private const int ParallelUploads = 4;
    private static readonly TimeSpan PollInterval = TimeSpan.FromSeconds(1);

    // Reading the manifest takes seconds; without an answer after this, nobody reads it.
    private static readonly TimeSpan ReportPatience = TimeSpan.FromMinutes(2);

    /// <summary>Runs it.</summary>
    /// <param name="cancellationToken">Stops following it.</param>
    public async Task<int> RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            await pipeline.OpenAsync(cancellationToken);
            var batch = await StartAsync(cancellationToken);
            var read = await ReadAsync(batch, cancellationToken);
            foreach (var line in read.Report.Rejected.OrderBy(line => line.Line)) console.WriteLine($"line {line.Line} was rejected: {line.Message}");
            var (report, summary) = await FollowAsync(batch, read.Report, cancellationToken);
            var pictures = await new BatchDownload(pipeline, manifest, folder).RunAsync(batch, report, summary, cancellationToken);
            return Describe(summary, pictures);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            console.WriteLine(pipeline.Own is null
                ? "The batch goes on in the pipeline; the same command shows it again."
                : "Stopping: the worker leaves a checkpoint. The same command goes on from there.");
            return ExitCode.Stopped;
        }
    }

    private async Task<string> StartAsync(CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            var batch = manifest.BatchName(attempt);
            var before = await FindAsync(batch, cancellationToken);
            if (before?.Summary is { } summary)
            {
                // What failed before is tried anew under another name; what was rejected would be so again.
                if (summary.Failed + summary.Cancelled > 0) continue;
                console.WriteLine($"Batch {batch} was done before; its pictures are fetched.");
            }
            else if (before is not null)
            {
                console.WriteLine($"Batch {batch} is under way.");
            }
            else
            {
                await UploadAsync(batch, cancellationToken);
            }

            return batch;
        }
    }

    // The manifest comes last and starts the batch.
    private async Task UploadAsync(string batch, CancellationToken cancellationToken)
    {
        console.WriteLine($"Batch {batch}: uploading {manifest.Pictures.Length} {(manifest.Pictures.Length == 1 ? "picture" : "pictures")} …");
        var uploads = new ConcurrentDictionary<string, string>();
        await Parallel.ForEachAsync(
            manifest.Pictures,
            new ParallelOptions { MaxDegreeOfParallelism = ParallelUploads, CancellationToken = cancellationToken },
            async (path, token) => uploads[path] = await pipeline.CallAsync(client => UploadAsync(client, path, token), token));
        await pipeline.CallAsync(client => StartAsync(client, batch, manifest.Render(uploads), cancellationToken), cancellationToken);
    }

    private static async Task<string> UploadAsync(ImagicClient client, string path, CancellationToken cancellationToken)
    {
        await using var picture = File.OpenRead(path);
        return await client.UploadAsync(picture, Path.GetFileName(path), cancellationToken);
    }

    // False when another command was faster: its pictures have the same content and other names.
    private static async Task<bool> StartAsync(ImagicClient client, string batch, byte[] content, CancellationToken cancellationToken)
    {
        try
        {
            await client.StartBatchAsync(batch, content, cancellationToken: cancellationToken);
            return true;
        }
        catch (ImagicApiException exception) when (exception.Code == "batch-exists")
        {
            return false;
        }
    }

    private Task<BatchView?> FindAsync(string batch, CancellationToken cancellationToken) =>
        pipeline.CallAsync(client => client.FindBatchAsync(batch, cancellationToken), cancellationToken);

    private async Task<BatchView> ReadAsync(string batch, CancellationToken cancellationToken)
    {
        var started = time.GetTimestamp();
        while (true)
        {
            pipeline.ThrowIfFailed();
            if (await FindAsync(batch, cancellationToken) is { } read) return read;
            if (time.GetElapsedTime(started) > ReportPatience)
                throw new IOException("The manifest is uploaded, but the pipeline does not read it. Do events of the container 'batches' come to it?");
            await Task.Delay(PollInterval, time, cancellationToken);
        }
    }

    private Task<(BatchReport Report, BatchSummary Summary)> FollowAsync(string batch, BatchReport report, CancellationToken cancellationToken) =>
        BatchDisplay.RunAsync(console, time, report.Accepted.Length, async display =>
        {
            var progress = new BatchProgress(pipeline);
            while (true)
            {
                pipeline.ThrowIfFailed();
                if (await FindAsync(batch, cancellationToken) is { } now)
                {
                    report = now.Report;
                    if (now.Summary is { } summary)
                    {
                        display.Finish(summary);
                        return (report, summary);
                    }
                }

                display.Show(await progress.ReadAsync(report, cancellationToken));
                await Task.Delay(PollInterval, time, cancellationToken);
            }
        });

    private int Describe(BatchSummary summary, int pictures)
    {
        foreach (var line in summary.Edits.Where(line => line.Results is null).OrderBy(line => line.Line))
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

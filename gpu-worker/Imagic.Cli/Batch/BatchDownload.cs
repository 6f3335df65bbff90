using System.Globalization;
using System.Text;
using System.Text.Json;
using Imagic.Cli.Up;
using Imagic.Contracts.Batches;
using Imagic.Contracts.Edits;
using Imagic.Contracts.Results;

namespace Imagic.Cli.Batch;

/// <summary>Fetches what a batch has left.</summary>
internal sealed class BatchDownload(PipelineConnection pipeline, LocalManifest manifest, string folder)
{
    /// <summary>The suggested picture of each line.</summary>
    public const string PicturesFolder = "pictures";

    /// <summary>All of them in one picture.</summary>
    public const string ContactSheetFile = "contact-sheet.png";

    public const string SummaryFile = "summary.json";

    private const string ReportFile = "report.json";
    private const int ParallelDownloads = 4;

    /// <returns>Number of pictures.</returns>
    public async Task<int> RunAsync(string batch, BatchReport report, BatchSummary summary, CancellationToken cancellationToken)
    {
        var pictures = Path.Combine(folder, PicturesFolder);
        var edited = summary.Edits.Where(line => line is { State: EditState.Succeeded, Results: not null }).ToList();
        Directory.CreateDirectory(edited.Count > 0 ? pictures : folder);
        await Parallel.ForEachAsync(
            edited,
            new ParallelOptions { MaxDegreeOfParallelism = ParallelDownloads, CancellationToken = cancellationToken },
            async (line, token) => await File.WriteAllBytesAsync(
                Path.Combine(pictures, FileName(line)),
                await pipeline.CallAsync(client => client.DownloadResultAsync(line.EditId, ResultManifest.SuggestedFile, token), token),
                token));
        var sheet = Path.Combine(folder, ContactSheetFile);
        if (await pipeline.CallAsync(client => client.DownloadContactSheetAsync(batch, cancellationToken), cancellationToken) is { } png)
            await File.WriteAllBytesAsync(sheet, png, cancellationToken);
        else
            File.Delete(sheet); // no line became an edit

        await File.WriteAllBytesAsync(
            Path.Combine(folder, ReportFile), JsonSerializer.SerializeToUtf8Bytes(report, ContractsJsonContext.Default.BatchReport), cancellationToken);
        await File.WriteAllBytesAsync(
            Path.Combine(folder, SummaryFile), JsonSerializer.SerializeToUtf8Bytes(summary, ContractsJsonContext.Default.BatchSummary), cancellationToken);
        return edited.Count;
    }

    // The number keeps lines with the same picture apart.
    private string FileName(EndedLine line)
    {
        var source = manifest.SourceOf(line.Line);
        var stem = string.Concat(
            Path.GetFileNameWithoutExtension(source).EnumerateRunes().Where(rune => !Rune.IsControl(rune) && rune.Value is not ('/' or '\\')).Take(60));
        return string.Create(CultureInfo.InvariantCulture, $"{line.Line:D3}{(stem.Length > 0 ? $"-{stem}" : "")}.png");
    }
}

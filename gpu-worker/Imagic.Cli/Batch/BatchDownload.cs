using System.Globalization;
using System.Text.Json;
using Azure;
using Imagic.Contracts;
using Imagic.Contracts.Batches;
using Imagic.Storage;

namespace Imagic.Cli.Batch;

/// <summary>Fetches what a batch has left.</summary>
internal sealed class BatchDownload(StorageAccount account, string folder)
{
    /// <summary>The suggested picture of each line.</summary>
    public const string PicturesFolder = "pictures";

    /// <summary>All of them in one picture.</summary>
    public const string ContactSheetFile = "contact-sheet.png";

    /// <summary>How each line ended.</summary>
    public const string SummaryFile = "summary.json";

    private const string ReportFile = "report.json";
    private const int ParallelDownloads = 4;

    /// <summary>Fetches it.</summary>
    /// <returns>Number of pictures.</returns>
    public async Task<int> RunAsync(string batch, BatchReport report, BatchSummary summary, CancellationToken cancellationToken)
    {
        var pictures = Path.Combine(folder, PicturesFolder);
        var edited = summary.Edits.Where(line => line.Results is not null).ToList();
        Directory.CreateDirectory(edited.Count > 0 ? pictures : folder);
        var sources = report.Accepted.ToDictionary(line => line.Line, line => line.Source);
        await Parallel.ForEachAsync(
            edited,
            new ParallelOptions { MaxDegreeOfParallelism = ParallelDownloads, CancellationToken = cancellationToken },
            async (line, token) => await account.Edits.GetBlobClient(line.Results).DownloadToAsync(
                Path.Combine(pictures, FileName(line, sources.GetValueOrDefault(line.Line, ""))), token));
        try
        {
            await account.Batches.GetBlobClient(StoragePaths.BatchContactSheet(batch)).DownloadToAsync(Path.Combine(folder, ContactSheetFile), cancellationToken);
        }
        catch (RequestFailedException exception) when (exception.IsMissing())
        {
            File.Delete(Path.Combine(folder, ContactSheetFile)); // no line became an edit
        }

        await File.WriteAllBytesAsync(
            Path.Combine(folder, ReportFile), JsonSerializer.SerializeToUtf8Bytes(report, ContractsJsonContext.Default.BatchReport), cancellationToken);
        await File.WriteAllBytesAsync(
            Path.Combine(folder, SummaryFile), JsonSerializer.SerializeToUtf8Bytes(summary, ContractsJsonContext.Default.BatchSummary), cancellationToken);
        return edited.Count;
    }

    // The number keeps lines with the same picture apart.
    private static string FileName(EndedLine line, string source)
    {
        var stem = string.Concat(Path.GetFileNameWithoutExtension(source).Where(c => !char.IsControl(c) && c is not ('/' or '\\')).Take(60));
        return string.Create(CultureInfo.InvariantCulture, $"{line.Line:D3}{(stem.Length > 0 ? $"-{stem}" : "")}.png");
    }
}

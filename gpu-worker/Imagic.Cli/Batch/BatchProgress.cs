using Imagic.Contracts.Batches;
using Imagic.Contracts.Edits;
using Imagic.Storage;

namespace Imagic.Cli.Batch;

/// <summary>How far the edits of a batch are.</summary>
/// <param name="Share">Edits done; those under way count by the part of them that is done.</param>
internal readonly record struct BatchCounts(double Share, int Succeeded, int Failed, int Running, int Waiting);

/// <summary>Looks at the edits of a batch: at a few each time, since queues are served in order and most are waiting.</summary>
internal sealed class BatchProgress(BatchReport report, EditRecords records)
{
    private const int ReadsAtOnce = 8;
    private const int MaxReads = 32;
    private const int StagesOfAnEdit = 3;

    private readonly Dictionary<EditId, EditRecord> _known = [];

    /// <summary>Looks again.</summary>
    public async Task<BatchCounts> ReadAsync(CancellationToken cancellationToken)
    {
        var open = report.Accepted.Select(line => line.EditId).Where(id => !_known.TryGetValue(id, out var record) || !record.HasEnded()).Take(MaxReads).ToList();
        var read = new EditRecord?[open.Count];
        await Parallel.ForAsync(
            0, open.Count, new ParallelOptions { MaxDegreeOfParallelism = ReadsAtOnce, CancellationToken = cancellationToken },
            async (i, token) => read[i] = (await records.ReadAsync(open[i], token))?.Value);
        foreach (var record in read.OfType<EditRecord>()) _known[record.EditId] = record;

        var count = _known.Values.CountBy(record => record.State).ToDictionary();
        var (succeeded, running) = (count.GetValueOrDefault(EditState.Succeeded), count.GetValueOrDefault(EditState.Running));
        var failed = count.GetValueOrDefault(EditState.Failed) + count.GetValueOrDefault(EditState.Cancelled);
        return new(_known.Values.Sum(Share), succeeded, failed, running, report.Accepted.Length - succeeded - failed - running);
    }

    private static double Share(EditRecord record)
    {
        if (record.HasEnded()) return 1;
        var done = record.Stages.Count(stage => stage.Done);
        var under = record.Progress is { Steps: > 0 } progress && progress.Stage == record.Stage ? (double)progress.Step / progress.Steps : 0;
        return Math.Min(StagesOfAnEdit, done + under) / StagesOfAnEdit;
    }
}

using Imagic.Cli.Api;
using Imagic.Cli.Up;
using Imagic.Contracts.Batches;
using Imagic.Contracts.Edits;

namespace Imagic.Cli.Batch;

/// <summary>How far the edits of a batch are.</summary>
/// <param name="Share">Edits done; those under way count by the part of them that is done.</param>
internal readonly record struct BatchCounts(double Share, int Succeeded, int Failed, int Running, int Waiting);

/// <summary>Looks at the edits of a batch: at a few each time, since queues are served in order and most are waiting.</summary>
internal sealed class BatchProgress(PipelineConnection pipeline)
{
    private const int ReadsAtOnce = 8;
    private const int MaxReads = 32;
    private const int StagesOfAnEdit = 3;

    private readonly Dictionary<EditId, FetchedEdit> _known = [];

    public async Task<BatchCounts> ReadAsync(BatchReport report, CancellationToken cancellationToken)
    {
        var open = report.Accepted.Select(line => line.EditId).Where(id => !_known.TryGetValue(id, out var edit) || !edit.View.State.HasEnded()).Take(MaxReads).ToList();
        var read = new FetchedEdit?[open.Count];
        await Parallel.ForAsync(
            0, open.Count, new ParallelOptions { MaxDegreeOfParallelism = ReadsAtOnce, CancellationToken = cancellationToken },
            async (i, token) => read[i] = await pipeline.CallAsync(
                client => client.FindAsync(open[i], _known.GetValueOrDefault(open[i])?.ETag, token), token));
        foreach (var edit in read.OfType<FetchedEdit>()) _known[edit.View.EditId] = edit;

        var count = _known.Values.CountBy(edit => edit.View.State).ToDictionary();
        var (succeeded, running) = (count.GetValueOrDefault(EditState.Succeeded), count.GetValueOrDefault(EditState.Running));
        var failed = count.GetValueOrDefault(EditState.Failed) + count.GetValueOrDefault(EditState.Cancelled);
        return new(_known.Values.Sum(edit => Share(edit.View)), succeeded, failed, running, report.Accepted.Length - succeeded - failed - running);
    }

    private static double Share(EditView edit)
    {
        if (edit.State.HasEnded()) return 1;
        var done = edit.Stages.Count(stage => stage.Done);
        var under = edit.Progress is { Steps: > 0 } progress && progress.Stage == edit.Stage ? (double)progress.Step / progress.Steps : 0;
        return Math.Min(StagesOfAnEdit, done + under) / StagesOfAnEdit;
    }
}

using Imagic.Cli.Up;
using Imagic.Client;
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

    private readonly Dictionary<EditId, FetchedEdit> _known = [];

    public async Task<BatchCounts> ReadAsync(BatchReport report, CancellationToken cancellationToken)
    {
        var open = report.Accepted.Select(line => line.EditId).Where(id => !_known.TryGetValue(id, out var edit) || !edit.View.State.HasEnded()).Take(MaxReads).ToList();
        var read = new FetchedEdit?[open.Count];
        await Parallel.ForAsync(
            0, open.Count, new ParallelOptions { MaxDegreeOfParallelism = ReadsAtOnce, CancellationToken = cancellationToken },
            async (i, token) => read[i] = await pipeline.CallAsync(
                client => _known.TryGetValue(open[i], out var known) ? client.GetNewerAsync(known, TimeSpan.Zero, token) : client.FindAsync(open[i], token), token));
        foreach (var edit in read.OfType<FetchedEdit>()) _known[edit.View.EditId] = edit;

        var count = _known.Values.CountBy(edit => edit.View.State).ToDictionary();
        var (succeeded, running) = (count.GetValueOrDefault(EditState.Succeeded), count.GetValueOrDefault(EditState.Running));
        var failed = count.GetValueOrDefault(EditState.Failed) + count.GetValueOrDefault(EditState.Cancelled);
        return new(_known.Values.Sum(edit => Share(edit.View)), succeeded, failed, running, report.Accepted.Length - succeeded - failed - running);
    }

    private static double Share(EditView edit)
    {
        if (edit.State.HasEnded()) return 1;
        var (done, stages) = (edit.Stages.Count(stage => stage.Done), edit.Settings.Stages().Length);
        var under = new[] { edit.Progress, edit.Beside }.Sum(progress => progress is { Steps: > 0 } && !IsDone(progress.Stage) ? (double)progress.Step / progress.Steps : 0);
        return Math.Min(stages, done + under) / stages;

        bool IsDone(EditStage stage) => edit.Stages.Any(status => status.Stage == stage && status.Done);
    }
}

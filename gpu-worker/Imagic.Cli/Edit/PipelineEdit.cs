using Imagic.Cli.Up;
using Imagic.Client;
using Imagic.Contracts.Edits;
using Imagic.Worker;
using Spectre.Console;

namespace Imagic.Cli.Edit;

/// <summary>An edit through the pipeline: started or found, followed, and fetched.</summary>
internal sealed class PipelineEdit(IEditStart start, Uri server, LocalEnvironmentOptions? own, ResultFolder folder, IAnsiConsole console, TimeProvider time)
{
    private readonly PreviewFolder _previews = new(folder.Root);
    private EditId? _id;

    public async Task<int> RunAsync(CancellationToken cancellationToken)
    {
        start.Describe(console);
        await using var pipeline = new PipelineConnection(server, own, console, time);
        try
        {
            await pipeline.OpenAsync(cancellationToken);
            if (pipeline.Own is null) RefuseWorkerOptions(pipeline);
            var started = await StartAsync(pipeline, cancellationToken);
            Directory.CreateDirectory(folder.Root);
            var ended = await EndOfAsync(pipeline, started, cancellationToken);
            await ResultDownload.RunAsync(pipeline, ended, folder.Root, cancellationToken);
            await _previews.CompleteAsync(pipeline, ended.EditId, cancellationToken);
            folder.Describe(console, await ResultFolder.ReadRecordAsync(folder.Root, cancellationToken), ended.Stages.Sum(stage => stage.Seconds));
            return ExitCode.Done;
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            await StopAsync(pipeline);
            return ExitCode.Stopped;
        }
    }

    private void RefuseWorkerOptions(PipelineConnection pipeline)
    {
        if (own is { WorkerArguments: [var option, ..] })
            throw new BadInputException($"A pipeline is up at {pipeline.Client.Address} with workers of its own; {option} would change nothing. Leave it out, stop that pipeline, or compute here with --direct.");
    }

    // What ended badly before, or with pictures withheld that are asked for now, is tried anew under another name: an edit that
    // has ended never changes again.
    private async Task<FetchedEdit> StartAsync(PipelineConnection pipeline, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            var number = attempt;
            var found = await pipeline.CallAsync(client => start.StartAsync(client, number, cancellationToken), cancellationToken);
            if (found.View.State is EditState.Failed or EditState.Cancelled) continue;
            if (found.View.Withheld.Length > 0 && own?.WorkerArguments.Contains(WorkerCommand.NoSafety) == true) continue;
            _id = found.View.EditId;
            return found;
        }
    }

    private async Task<EditView> EndOfAsync(PipelineConnection pipeline, FetchedEdit started, CancellationToken cancellationToken)
    {
        if (started.View.State.HasEnded())
        {
            console.WriteLine("This very edit was done before; its results are fetched.");
            return started.View;
        }

        var ended = await EditFollower.RunAsync(console, pipeline, started.View, _previews, time, cancellationToken);
        EditFollower.ThrowUnlessSucceeded(ended);
        return ended;
    }

    private async Task StopAsync(PipelineConnection pipeline)
    {
        if (pipeline.Own is null)
        {
            if (_id is { } left) EditFollower.DescribeLeft(console, pipeline, left);
            else console.WriteLine("Stopped before the edit was started.");
            return;
        }

        console.WriteLine("Stopping: the worker leaves a checkpoint …");
        await pipeline.Own.StopWorkersAsync();
        var view = _id is { } id ? (await pipeline.Client.FindAsync(id, CancellationToken.None))?.View : null;
        console.WriteLine(view is null
            ? "Stopped before the edit was started."
            : $"Stopped in stage {view.Stage.Name()} after step {view.Stages.FirstOrDefault(status => status.Stage == view.Stage)?.Step ?? 0}; the same command goes on from there.");
    }
}

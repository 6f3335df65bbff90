using Imagic.Cli.Api;
using Imagic.Cli.Up;
using Imagic.Contracts.Edits;
using Imagic.Worker;
using Spectre.Console;

namespace Imagic.Cli.Edit;

/// <summary>An edit through the pipeline: started or found, followed, and fetched.</summary>
internal sealed class PipelineEdit(EditPlan plan, Uri server, LocalEnvironmentOptions? own, string folder, IAnsiConsole console, TimeProvider time)
{
    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(500);

    // Of what the edit was given; anything else failed on the way.
    private static readonly string[] RefusalCodes = ["invalid-setting", "invalid-input", "model-unusable"];

    private readonly PreviewFolder _previews = new(folder);
    private EditId? _id;

    public async Task<int> RunAsync(CancellationToken cancellationToken)
    {
        plan.Describe(console);
        await using var pipeline = new PipelineConnection(server, own, console, time);
        try
        {
            await pipeline.OpenAsync(cancellationToken);
            if (pipeline.Own is null) RefuseWorkerOptions(pipeline);
            var started = await StartAsync(pipeline, cancellationToken);
            Directory.CreateDirectory(folder);
            var ended = await EndOfAsync(pipeline, started, cancellationToken);
            await ResultDownload.RunAsync(pipeline, ended, folder, cancellationToken);
            await _previews.CompleteAsync(pipeline, ended.EditId, cancellationToken);
            ResultFolder.Describe(console, folder, await ResultFolder.ReadRecordAsync(folder, cancellationToken));
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
            throw new BadInputException($"A pipeline is up at {pipeline.Client.Server} with workers of its own; {option} would change nothing. Leave it out, stop that pipeline, or compute here with --direct.");
    }

    // What ended badly before, or with pictures withheld that are asked for now, is tried anew under another name: an edit that
    // has ended never changes again.
    private async Task<FetchedEdit> StartAsync(PipelineConnection pipeline, CancellationToken cancellationToken)
    {
        var picture = await File.ReadAllBytesAsync(plan.File, cancellationToken);
        for (var attempt = 1; ; attempt++)
        {
            var id = plan.Id(picture, attempt);
            var found = await pipeline.CallAsync(
                client => client.StartAsync(id, plan.Request, Path.GetFileName(plan.File), picture, cancellationToken), cancellationToken);
            if (found.View.State is EditState.Failed or EditState.Cancelled) continue;
            if (found.View.Withheld.Length > 0 && own?.WorkerArguments.Contains(WorkerCommand.NoSafety) == true) continue;
            _id = id;
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

        var ended = await StageDisplay.RunAsync(console, plan.Settings.Stages(), time, display => FollowAsync(pipeline, started, new(display, time), cancellationToken));
        return ended.State switch
        {
            EditState.Succeeded => ended,
            EditState.Cancelled => throw new EditFailedException("cancelled", FaultKind.Failed, "The edit was cancelled."),
            _ when ended.Error is { } error => throw new EditFailedException(error.Code, IsRefusal(error.Code) ? FaultKind.BadInput : FaultKind.Failed, error.Message),
            _ => throw new EditFailedException("edit-failed", FaultKind.Failed, "The edit failed."),
        };
    }

    // What it was given is at fault.
    private static bool IsRefusal(string code) => RefusalCodes.Contains(code) || code.StartsWith("picture-", StringComparison.Ordinal);

    private async Task<EditView> FollowAsync(PipelineConnection pipeline, FetchedEdit newest, ViewProgress progress, CancellationToken cancellationToken)
    {
        while (true)
        {
            progress.Show(newest.View);
            await SavePreviewAsync(pipeline, newest.View, cancellationToken);
            if (newest.View.State.HasEnded()) return newest.View;
            await Task.Delay(PollInterval, time, cancellationToken);
            var etag = newest.ETag;
            var answer = await pipeline.CallAsync(client => client.GetAsync(newest.View.EditId, etag, cancellationToken), cancellationToken);
            if (answer is not null && answer.View.Sequence > newest.View.Sequence) newest = answer;
        }
    }

    private async Task SavePreviewAsync(PipelineConnection pipeline, EditView view, CancellationToken cancellationToken)
    {
        if (view.Progress?.Preview is { } name && !_previews.Has(name))
            _previews.Save(name, await pipeline.CallAsync(client => client.DownloadAsync(view.EditId, name, cancellationToken), cancellationToken));
    }

    private async Task StopAsync(PipelineConnection pipeline)
    {
        if (pipeline.Own is null)
        {
            console.WriteLine(_id is { } left ? $"The edit goes on at {pipeline.Client.Server}; the same command shows it again." : "Stopped before the edit was started.");
            if (_id is { } running) console.WriteLine($"To give it up: {Checkout.Command} cancel {running}{(server == LocalEnvironmentArguments.DefaultAddress ? "" : $" --server {pipeline.Client.Server}")}");
            return;
        }

        console.WriteLine("Stopping: the worker leaves a checkpoint …");
        await pipeline.Own.StopWorkersAsync();
        var view = _id is { } id ? (await pipeline.Client.GetAsync(id, null, CancellationToken.None))?.View : null;
        console.WriteLine(view is null
            ? "Stopped before the edit was started."
            : $"Stopped in stage {view.Stage.Name()} after step {view.Stages.FirstOrDefault(status => status.Stage == view.Stage)?.Step ?? 0}; the same command goes on from there.");
    }
}

/// <summary>The edit ended without pictures; the sentence says why.</summary>
internal sealed class EditFailedException(string code, FaultKind kind, string message) : ImagicException(code, kind, message);

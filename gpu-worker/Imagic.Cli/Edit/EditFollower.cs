using Imagic.Cli.Up;
using Imagic.Contracts.Edits;
using Spectre.Console;

namespace Imagic.Cli.Edit;

/// <summary>Follows an edit that a pipeline computes until it has ended, and shows how far it is.</summary>
internal sealed class EditFollower(PipelineConnection pipeline, EditId id, TimeProvider time) : IAsyncDisposable
{
    // After so long without news it looks whether all is well here.
    private static readonly TimeSpan LookAround = TimeSpan.FromSeconds(2);

    // Of what the edit was given; anything else failed on the way.
    private static readonly string[] RefusalCodes = ["invalid-setting", "invalid-input", "model-unusable"];

    private readonly CancellationTokenSource _end = new();
    private IAsyncEnumerator<EditView>? _views;
    private Task<bool>? _coming;

    /// <summary>Shows an edit until it has ended.</summary>
    /// <param name="console">Where to.</param>
    /// <param name="pipeline">Who has it.</param>
    /// <param name="known">How far it is.</param>
    /// <param name="previews">Gets the pictures of its training; null when nobody wants them.</param>
    /// <param name="time">Clock.</param>
    /// <param name="cancellationToken">Ends following; the edit goes on.</param>
    public static async Task<EditView> RunAsync(
        IAnsiConsole console, PipelineConnection pipeline, EditView known, PreviewFolder? previews, TimeProvider time, CancellationToken cancellationToken)
    {
        await using var follower = new EditFollower(pipeline, known.EditId, time);
        return await StageDisplay.RunAsync(
            console, known.Settings.Stages(), time, display => follower.FollowAsync(known, previews, new(display, time), cancellationToken));
    }

    /// <summary>Refuses an edit that ended without pictures.</summary>
    /// <exception cref="EditFailedException">It has.</exception>
    public static void ThrowUnlessSucceeded(EditView ended)
    {
        if (ended.State == EditState.Succeeded) return;
        throw ended switch
        {
            { State: EditState.Cancelled } => new EditFailedException("cancelled", FaultKind.Failed, "The edit was cancelled."),
            { Error: { } error } => new EditFailedException(error.Code, IsRefusal(error.Code) ? FaultKind.BadInput : FaultKind.Failed, error.Message),
            _ => new EditFailedException("edit-failed", FaultKind.Failed, "The edit failed."),
        };
    }

    /// <summary>Says that an edit goes on without this command, and how it is given up.</summary>
    public static void DescribeLeft(IAnsiConsole console, PipelineConnection pipeline, EditId id)
    {
        console.WriteLine($"The edit goes on at {pipeline.Client.Address}; the same command shows it again.");
        console.WriteLine($"To give it up: {Checkout.Command} cancel {id}{ServerOption.Typed(pipeline.Server)}");
    }

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        await EndViewsAsync();
        _end.Dispose();
    }

    // What it was given is at fault.
    private static bool IsRefusal(string code) => RefusalCodes.Contains(code) || code.StartsWith("picture-", StringComparison.Ordinal);

    private async Task<EditView> FollowAsync(EditView newest, PreviewFolder? previews, ViewProgress progress, CancellationToken cancellationToken)
    {
        while (true)
        {
            progress.Show(newest);
            foreach (var name in new[] { newest.Progress, newest.Beside }.Select(progress => progress?.Preview).OfType<string>())
            {
                if (previews?.Has(name) == false)
                    previews.Save(name, await pipeline.CallAsync(client => client.DownloadResultAsync(id, name, cancellationToken), cancellationToken));
            }

            if (newest.State.HasEnded()) return newest;
            newest = await pipeline.CallAsync(client => NextAsync(client, cancellationToken), cancellationToken) ?? newest;
        }
    }

    // Null when there was none for a while. One that broke off begins again with the next call.
    private async Task<EditView?> NextAsync(Client.ImagicClient client, CancellationToken cancellationToken)
    {
        _views ??= client.WatchAsync(id, _end.Token).GetAsyncEnumerator(_end.Token);
        _coming ??= _views.MoveNextAsync().AsTask();
        using var waiting = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var isThere = await Task.WhenAny(_coming, Task.Delay(LookAround, time, waiting.Token)) == _coming;
        await waiting.CancelAsync();
        cancellationToken.ThrowIfCancellationRequested();
        if (!isThere) return null;
        if (_coming.IsCompletedSuccessfully && await _coming)
        {
            _coming = null;
            return _views.Current;
        }

        var broken = _coming;
        await EndViewsAsync();
        await broken;
        return null;
    }

    private async Task EndViewsAsync()
    {
        // An enumerator may not be disposed of while it moves.
        if (_coming is not null) await ((Task)_coming).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (_views is not null) await _views.DisposeAsync();
        (_views, _coming) = (null, null);
    }
}

/// <summary>The edit ended without pictures; the sentence says why.</summary>
internal sealed class EditFailedException(string code, FaultKind kind, string message) : ImagicException(code, kind, message);

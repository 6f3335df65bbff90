using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using Imagic.Imaging;
using Imagic.Storage;
using Imagic.Worker.Leases;
using Imagic.Worker.Results;
using Microsoft.Extensions.Logging;

namespace Imagic.Worker.Stages;

/// <summary>
/// Writes a stage's progress into the record, about once a second and in one conditional write, beside the computing.
/// The same write finds out whether the claim still holds and whether somebody asked to give the edit up.
/// </summary>
internal sealed partial class ProgressReporter(
    EditLease edit, StageProgress progress, BlobContainerClient container, TimeProvider time, ILogger logger) : IAsyncDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    // A cancel and a lost claim are heard within that, whatever a report costs.
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(5);

    // With slow storage, reports come less often: their share of the stage's time stays at one in a hundred.
    private const int MaxTimeShare = 100;

    private readonly CancellationTokenSource _stop = new();
    private readonly CancellationTokenSource _cancelRequested = new();
    private Task _loop = Task.CompletedTask;

    /// <summary>Cancelled once somebody asked to give the edit up.</summary>
    public CancellationToken CancelRequested => _cancelRequested.Token;

    public void Start() => _loop = ReportAsync();

    /// <summary>Stops reporting; pictures that are left are uploaded.</summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await _stop.CancelAsync();
        await _loop;
        if (!edit.Lost.IsCancellationRequested) await UploadImagesAsync(cancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _loop;
        _stop.Dispose();
        _cancelRequested.Dispose();
    }

    private async Task ReportAsync()
    {
        var pause = Interval;
        while (!_stop.IsCancellationRequested)
        {
            await Task.Delay(pause, time, _stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (_stop.IsCancellationRequested) return;
            var started = time.GetTimestamp();
            try
            {
                await UploadImagesAsync(_stop.Token);
                await edit.UpdateAsync(progress.ApplyTo, _stop.Token);
                if (edit.Record.CancelRequested) await _cancelRequested.CancelAsync();
            }
            catch (LeaseLostException)
            {
                return;
            }
            catch (Exception exception) when (StorageErrors.IsStorageError(exception))
            {
                // Storage is away for longer than the retries: steps go on, the next checkpoint or report decides.
                NotReported(logger, exception, edit.Id.Value, edit.Epoch);
            }
            catch (OperationCanceledException) when (_stop.IsCancellationRequested)
            {
                return;
            }

            while (progress.Notices.TryDequeue(out var notice)) Noticed(logger, edit.Id.Value, edit.Epoch, notice);
            pause = PauseAfter(time.GetElapsedTime(started));
        }
    }

    /// <summary>Time until the next report.</summary>
    /// <param name="report">What this one took, answered or not.</param>
    internal static TimeSpan PauseAfter(TimeSpan report) =>
        TimeSpan.FromSeconds(Math.Clamp(report.TotalSeconds * MaxTimeShare, Interval.TotalSeconds, LongestPause.TotalSeconds));

    private async Task UploadImagesAsync(CancellationToken cancellationToken)
    {
        while (progress.Pictures.TryDequeue(out var picture))
        {
            await edit.GuardAsync(cancellationToken);
            var name = StoragePaths.Preview(progress.Stage, picture.Step);
            var png = ImageCodec.Encode(picture.Picture, ImageFormat.Png);
            await container.GetBlobClient($"{edit.Id}/{name}").UploadAsync(
                BinaryData.FromBytes(png), new BlobUploadOptions { HttpHeaders = new() { ContentType = "image/png" } }, cancellationToken);
            progress.Preview = name;
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "edit {EditId} epoch {Epoch}: the progress could not be written; computing goes on")]
    private static partial void NotReported(ILogger logger, Exception exception, string editId, int epoch);

    [LoggerMessage(Level = LogLevel.Warning, Message = "edit {EditId} epoch {Epoch}: {Notice}")]
    private static partial void Noticed(ILogger logger, string editId, int epoch, string notice);
}

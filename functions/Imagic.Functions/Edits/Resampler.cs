using System.Diagnostics;
using System.Security.Cryptography;
using System.Text;
using Azure;
using Imagic.Contracts;
using Imagic.Contracts.Edits;
using Imagic.Contracts.Settings;
using Imagic.Functions.Models;
using Imagic.Functions.Problems;
using Imagic.Functions.Webhooks;
using Imagic.Imaging;
using Imagic.Storage;
using Imagic.Webhooks;

namespace Imagic.Functions.Edits;

/// <summary>
/// Starts edits on the tuning of others: only their sample stage is left to be done. A start may be repeated, wherever the
/// first one ended.
/// </summary>
public sealed class Resampler(
    StorageAccount account, EditStarter starter, EditRecords records, TuningStore tunings, SourceStore sources, PushedModels models,
    FunctionsOptions options, WebhookOptions webhooks, TimeProvider time)
{
    /// <summary>Starts an edit.</summary>
    /// <param name="id">Its name.</param>
    /// <param name="from">The edit whose tuning it samples.</param>
    /// <param name="request">What is to be sampled.</param>
    /// <param name="caller">Who asks, see <see cref="Caller"/>.</param>
    /// <param name="cancellationToken">Gives up; the start may be repeated.</param>
    /// <exception cref="RequestProblemException">The tuning is not there, or a setting is no good.</exception>
    /// <exception cref="TooManyEditsException">Too many edits are under way.</exception>
    public async Task<StartedEdit> StartAsync(EditId id, EditRecord from, SampleRequest request, string caller, CancellationToken cancellationToken)
    {
        var webhook = RequestedWebhook.Check(request.Webhook, webhooks);
        var (settings, cost) = await ResolveAsync(from, request, cancellationToken);
        var hash = HashOf(from, settings);
        if (await records.ReadAsync(id, cancellationToken) is { } before) return await starter.RepeatedAsync(before, hash, cancellationToken);
        if (!from.IsTuned() || from is { State: EditState.Failed or EditState.Cancelled } or { DeleteRequested: true }) throw NotTuned(from);

        await starter.EnterAsync(id, caller, cancellationToken);
        // It refers to the tuning before it looks whether that is there.
        foreach (var status in from.Tuning())
        {
            await tunings.ReferAsync(id, status.Sha256!, cancellationToken);
            if (!await tunings.ExistsAsync(status.Sha256!, cancellationToken)) throw Gone(from);
            await CopyManifestAsync(from, id, status, cancellationToken);
        }

        var stored = await sources.StoreAsync(id, new SourceOfEdit(account, from), FormatOf(from).MediaType, cancellationToken);
        if (stored.Outcome == StoreOutcome.OtherThere) return new(StartOutcome.Conflict, null);
        return await starter.CreateAsync(NewRecord(id, from, settings, cost, caller, hash) with { Webhook = webhook }, cancellationToken);
    }

    private async Task<(EditSettings Settings, EditCost Cost)> ResolveAsync(EditRecord from, SampleRequest request, CancellationToken cancellationToken)
    {
        try
        {
            var settings = (request.Settings ?? new()).ResolveAgain(from.Settings, request.TargetText);
            starter.CheckPolicy(settings.TargetText);
            var side = from.Size is null ? EditProfile.DefaultSide : (await models.OfAsync(from.Model, cancellationToken)).Side;
            return (settings, EditCost.Within(settings, from.Size, side, options.Budget, isTuned: true));
        }
        catch (ImagicException exception) when (exception is EditSettingsException or OverBudgetException)
        {
            throw new RequestProblemException(
                exception.Code, StatusCodes.Status400BadRequest, exception.Message, (exception as EditSettingsException)?.Setting ?? "settings");
        }
    }

    // Small: what it names is kept by its hash.
    private async Task CopyManifestAsync(EditRecord from, EditId id, StageStatus status, CancellationToken cancellationToken)
    {
        try
        {
            var answer = await account.Edits.GetBlobClient(StoragePaths.CheckpointManifest(from.EditId, status.Checkpoint!)).DownloadContentAsync(cancellationToken);
            await account.Edits.GetBlobClient(StoragePaths.CheckpointManifest(id, status.Checkpoint!)).UploadAsync(answer.Value.Content, overwrite: true, cancellationToken);
        }
        catch (RequestFailedException exception) when (exception.IsMissing())
        {
            throw Gone(from);
        }
    }

    private EditRecord NewRecord(EditId id, EditRecord from, EditSettings settings, EditCost cost, string caller, string hash) => new()
    {
        EditId = id,
        Created = time.GetUtcNow(),
        RequestHash = hash,
        Model = from.Model,
        Settings = settings,
        Size = from.Size,
        Cost = cost,
        Source = from.Source,
        From = from.EditId,
        Caller = caller,
        Stage = EditStage.Sample,
        // Above those that name the results it begins with.
        Epoch = from.Epoch,
        SuperResolution = settings.SuperResolution is null ? null : new(EditStage.Sample) { Epoch = from.TurnOf(EditStage.FineTuneSuperResolution).Epoch },
        // Computed by the other edit, not by this one.
        Stages = [.. from.Tuning().Select(status => new StageStatus(status.Stage)
        {
            Done = true, Step = status.Step, Checkpoint = status.Checkpoint, Bytes = status.Bytes, Sha256 = status.Sha256,
        })],
        TraceParent = Activity.Current?.Id,
    };

    private static string HashOf(EditRecord from, EditSettings settings) => Convert.ToHexStringLower(SHA256.HashData(
        Encoding.UTF8.GetBytes($"{from.EditId}\n{EditRequest.Hash(from.Model, settings, from.Size, from.Source.Sha256)}")));

    private static ImageFormat FormatOf(EditRecord record) => Enum.GetValues<ImageFormat>().First(format => format.Name() == record.Source.Format);

    private static RequestProblemException NotTuned(EditRecord from) => from.HasEnded() || from.DeleteRequested
        ? Gone(from)
        : new("not-tuned-yet", StatusCodes.Status409Conflict, $"The edit '{from.EditId}' is still being tuned. Ask again once its stage is 'sample'.", "editId");

    private static RequestProblemException Gone(EditRecord from) => new(
        "tuning-gone", StatusCodes.Status409Conflict,
        $"The tuning of the edit '{from.EditId}' is not there: it ended without one, or it was removed, or the edit is being deleted. Start a new edit.", "editId");

    private sealed class SourceOfEdit(StorageAccount account, EditRecord from) : IImageSource
    {
        public string Name => from.Source.Name;

        public long Length => from.Source.Bytes;

        public ReadOnlyMemory<byte> Start => default;

        public async Task<Stream> OpenAsync(long start, CancellationToken cancellationToken)
        {
            try
            {
                return await account.Edits.GetBlobClient(StoragePaths.Source(from.EditId)).OpenReadAsync(start, cancellationToken: cancellationToken);
            }
            catch (RequestFailedException exception) when (exception.IsMissing())
            {
                throw Gone(from);
            }
        }
    }
}

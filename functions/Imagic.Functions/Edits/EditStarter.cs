using System.Diagnostics;
using System.Diagnostics.Metrics;
using Imagic.Contracts;
using Imagic.Contracts.Edits;
using Imagic.Contracts.Policy;
using Imagic.Contracts.Settings;
using Imagic.Functions.Models;
using Imagic.Functions.Problems;
using Imagic.Functions.Webhooks;
using Imagic.Imaging;
using Imagic.Storage;
using Imagic.Storage.Telemetry;
using Imagic.Webhooks;

namespace Imagic.Functions.Edits;

/// <summary>A request for which nothing stands in the way.</summary>
public sealed record CheckedEdit(string Model, EditSettings Settings, WorkingSize? Size, EditCost Cost, IImageSource Picture, ImageHeader Header)
{
    /// <summary>Where its end is told.</summary>
    public string? Webhook { get; init; }
}

/// <summary>What became of a start.</summary>
public enum StartOutcome
{
    /// <summary>The edit has started now.</summary>
    Started,

    /// <summary>The very same edit had been started before.</summary>
    AlreadyThere,

    /// <summary>The id belongs to another edit: other settings, another model or another picture.</summary>
    Conflict,
}

/// <summary>An edit after its start.</summary>
/// <param name="Outcome">What became of the start.</param>
/// <param name="Record">The edit's record; null on a conflict with a start that has not got that far.</param>
public readonly record struct StartedEdit(StartOutcome Outcome, Stored<EditRecord>? Record);

/// <summary>
/// The one way in which an edit starts, whether by HTTP, by a dropped picture or by a line of a batch. Everything is
/// checked before anything is written; starting twice with the same id gives one edit, wherever the first start ended.
/// </summary>
public sealed partial class EditStarter(
    StorageAccount account,
    SourceStore sources,
    StageSender sender,
    EditRecords records,
    EditIndex index,
    StartLimit limit,
    PushedModels models,
    FunctionsOptions options,
    WebhookOptions webhooks,
    TimeProvider time,
    ILogger<EditStarter> logger)
{
    private static readonly Counter<long> Started = ImagicTelemetry.Meter.CreateCounter<long>(
        "imagic.edits.started", "{edit}", "Edits that were started.");

    /// <summary>Checks a request whose picture is in the container <c>uploads</c>. Writes nothing.</summary>
    /// <exception cref="RequestProblemException">It cannot be done as it is.</exception>
    public async Task<CheckedEdit> CheckAsync(EditRequest request, CancellationToken cancellationToken)
    {
        var webhook = RequestedWebhook.Check(request.Webhook, webhooks);
        var (model, settings, cost) = await ResolveAsync(request, cancellationToken);
        if (request.Source is not { } source)
        {
            throw new RequestProblemException(
                "source-missing", StatusCodes.Status400BadRequest,
                "The request has no picture. Give the name of an uploaded one as 'source'.", "source");
        }

        var picture = await UploadedImage.FindAsync(account, SourceName.Parse(source, account.Blobs.Uri), cancellationToken);
        return new(model, settings, request.Size, cost, picture, await ImageCheck.RunAsync(picture, cancellationToken)) { Webhook = webhook };
    }

    /// <summary>Checks a request whose picture comes along. Writes nothing.</summary>
    /// <exception cref="RequestProblemException">It cannot be done as it is.</exception>
    public async Task<CheckedEdit> CheckAsync(EditRequest request, IImageSource picture, CancellationToken cancellationToken)
    {
        var webhook = RequestedWebhook.Check(request.Webhook, webhooks);
        var (model, settings, cost) = await ResolveAsync(request, cancellationToken);
        return new(model, settings, request.Size, cost, picture, await ImageCheck.RunAsync(picture, cancellationToken)) { Webhook = webhook };
    }

    /// <summary>Starts an edit.</summary>
    /// <param name="id">Its name.</param>
    /// <param name="edit">What is asked for.</param>
    /// <param name="caller">Who asks, see <see cref="Caller"/>.</param>
    /// <param name="batch">The line of a batch that it comes from, if any.</param>
    /// <param name="cancellationToken">Gives up; the start may be repeated.</param>
    /// <exception cref="RequestProblemException">The picture has changed since it was checked.</exception>
    /// <exception cref="TooManyEditsException">It is a new one, and too many are under way.</exception>
    public async Task<StartedEdit> StartAsync(EditId id, CheckedEdit edit, string caller, BatchReference? batch, CancellationToken cancellationToken)
    {
        using var activity = ImagicTelemetry.Source.StartActivity("start edit");
        activity?.SetTag("imagic.edit", id.Value).SetTag("imagic.model", edit.Model);
        await EnterAsync(id, caller, cancellationToken);
        var source = await sources.StoreAsync(id, edit.Picture, edit.Header.Format.MediaType, cancellationToken);
        var hash = EditRequest.Hash(edit.Model, edit.Settings, edit.Size, source.Sha256);
        if (source.Outcome != StoreOutcome.Stored && await records.ReadAsync(id, cancellationToken) is { } before)
            return await RepeatedAsync(before, hash, cancellationToken);
        if (source.Outcome == StoreOutcome.AlreadyThere && !await sources.TouchAsync(id, source, cancellationToken))
            source = await sources.StoreAsync(id, edit.Picture, edit.Header.Format.MediaType, cancellationToken);
        if (source.Outcome == StoreOutcome.OtherThere) return new(StartOutcome.Conflict, null);

        return await CreateAsync(NewRecord(id, edit, caller, batch, source.Sha256, hash), cancellationToken);
    }

    /// <summary>The last part of a start: all that the record is about is there.</summary>
    internal async Task<StartedEdit> CreateAsync(EditRecord edit, CancellationToken cancellationToken)
    {
        // The message goes first: an edit whose record exists is never without one.
        await sender.SendAsync(edit.EditId, edit.Stage, cancellationToken);
        var record = await records.CreateAsync(edit, cancellationToken);
        if (record is null)
        {
            var other = await records.ReadAsync(edit.EditId, cancellationToken);
            return other is null ? new(StartOutcome.Conflict, null) : await RepeatedAsync(other, edit.RequestHash, cancellationToken);
        }

        await index.WriteAsync(record.Value, cancellationToken);
        Started.Add(1, new KeyValuePair<string, object?>("imagic.model", edit.Model));
        LogStarted(edit.EditId, edit.Model, edit.Source.Bytes, edit.Source.Format, edit.Source.Width, edit.Source.Height);
        return new(StartOutcome.Started, record);
    }

    /// <summary>Whether one more edit may be under way.</summary>
    /// <exception cref="TooManyEditsException">It is a new one, and too many are.</exception>
    internal async Task EnterAsync(EditId id, string caller, CancellationToken cancellationToken)
    {
        try
        {
            await limit.EnterAsync(caller, cancellationToken);
        }
        catch (TooManyEditsException)
        {
            // A repeat starts nothing.
            if (await records.ReadAsync(id, cancellationToken) is null) throw;
        }
    }

    internal async Task<StartedEdit> RepeatedAsync(Stored<EditRecord> record, string hash, CancellationToken cancellationToken)
    {
        if (record.Value is { DeleteRequested: true, EditId: var id })
        {
            throw new RequestProblemException(
                "edit-deleting", StatusCodes.Status409Conflict,
                $"The edit '{id}' is being deleted. Start this one under a new id, or again once that one is gone.", "editId");
        }

        var isSame = record.Value.RequestHash == hash;
        // Whoever repeats a start may have seen it fail after its record was written.
        if (isSame && !record.Value.HasEnded()) await index.WriteAsync(record.Value, cancellationToken);
        LogRepeated(record.Value.EditId, isSame);
        return new(isSame ? StartOutcome.AlreadyThere : StartOutcome.Conflict, record);
    }

    private EditRecord NewRecord(EditId id, CheckedEdit edit, string caller, BatchReference? batch, string sha256, string hash) => new()
    {
        EditId = id,
        Created = time.GetUtcNow(),
        RequestHash = hash,
        Model = edit.Model,
        Settings = edit.Settings,
        Size = edit.Size,
        Cost = edit.Cost,
        Source = new(
            edit.Picture.Name, sha256, edit.Picture.Length, edit.Header.Format.Name(), edit.Header.OrientedWidth, edit.Header.OrientedHeight),
        Batch = batch,
        Caller = caller,
        Stage = edit.Settings.Stages()[0],
        Webhook = edit.Webhook,
        TraceParent = Activity.Current?.Id,
    };

    private async Task<(string Model, EditSettings Settings, EditCost Cost)> ResolveAsync(EditRequest request, CancellationToken cancellationToken)
    {
        var model = request.Model ?? options.Models[0];
        if (!options.Models.Contains(model))
        {
            throw new RequestProblemException(
                "unknown-model", StatusCodes.Status400BadRequest,
                $"There is no model '{model}' here. There are: {string.Join(", ", options.Models)}.", "model");
        }

        try
        {
            // Of a model that is known by its profile nothing else is needed, and without a size its own is taken.
            var isKnown = request.Size is null && (request.Settings?.Profile is not null || EditProfile.All.ContainsKey(model));
            var traits = isKnown ? new(EditProfile.DefaultSide, IsCascade: false) : await models.OfAsync(model, cancellationToken);
            var settings = request.Resolve(model, traits.IsCascade);
            var side = request.Size is null ? EditProfile.DefaultSide : traits.Side;
            request.Size?.CheckFor(side);
            CheckPolicy(settings.TargetText);
            return (model, settings, EditCost.Within(settings, request.Size, side, options.Budget));
        }
        catch (EditSettingsException exception)
        {
            throw new RequestProblemException(exception.Code, StatusCodes.Status400BadRequest, exception.Message, exception.Setting);
        }
        catch (OverBudgetException exception)
        {
            throw new RequestProblemException(exception.Code, StatusCodes.Status400BadRequest, exception.Message, "settings");
        }
    }

    /// <summary>Refuses what the operator does not want to be asked for. The text itself is not logged.</summary>
    /// <exception cref="RequestProblemException">A rule is against it.</exception>
    internal void CheckPolicy(string targetText)
    {
        if (options.Policy.RuleAgainst(targetText) is not { } rule) return;
        LogRefused(rule);
        throw new RequestProblemException(RefusedByPolicyException.ErrorCode, StatusCodes.Status400BadRequest, UsePolicy.Refusal(rule), "targetText");
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Refused a target text by rule {Rule} of the use policy")]
    private partial void LogRefused(string rule);

    [LoggerMessage(Level = LogLevel.Information, Message = "Started edit {EditId} with model {Model}: {Bytes} bytes of {Format}, {Width} x {Height}")]
    private partial void LogStarted(EditId editId, string model, long bytes, string format, int width, int height);

    [LoggerMessage(Level = LogLevel.Information, Message = "Edit {EditId} had been started before; the same request: {IsSame}")]
    private partial void LogRepeated(EditId editId, bool isSame);
}

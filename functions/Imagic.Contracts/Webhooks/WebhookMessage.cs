using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Imagic.Contracts.Batches;
using Imagic.Contracts.Edits;

namespace Imagic.Contracts.Webhooks;

/// <summary>
/// Asks to tell an end to a webhook. It may come twice or late: the record and what became of earlier calls decide what
/// is done.
/// </summary>
/// <param name="Id">Names the end, the same on every call: <c>webhook-id</c>.</param>
public sealed record WebhookMessage(string Id) : IVersioned
{
    public int Schema { get; init; } = Versioning.Current;

    /// <summary>The edit that has ended.</summary>
    public EditId? EditId { get; init; }

    /// <summary>Else the batch.</summary>
    public string? Batch { get; init; }

    /// <summary>Calls that came before this one.</summary>
    public int Tries { get; init; }

    void IVersioned.CheckRead()
    {
        if (EditId is null == Batch is null) throw new JsonException("It names neither an edit nor a batch, or both.");
    }

    /// <summary>Asks to tell the end of an edit.</summary>
    public static WebhookMessage Of(EditRecord record) => new(IdOf(
        "edit", record.EditId.Value, WebhookTypes.Of(record.State),
        // An edit that is started over ends anew; one that was deleted may have been followed by another of its name.
        $"{record.Created.UtcTicks}", $"{record.Ended?.UtcTicks}")) { EditId = record.EditId };

    /// <summary>Asks to tell the end of a run of a batch.</summary>
    public static WebhookMessage Of(string batch, BatchSummary summary) =>
        new(IdOf("batch", batch, WebhookTypes.BatchCompleted, summary.Run)) { Batch = batch };

    private static string IdOf(params ReadOnlySpan<string> parts) =>
        $"msg_{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\n', parts))).AsSpan(0, 16))}";
}

/// <summary>What became of a message: <c>webhook.json</c> beside the record or the report.</summary>
/// <param name="Id">Of the message.</param>
/// <param name="View">What is told of it.</param>
public sealed record WebhookStatus(string Id, WebhookView View) : IVersioned
{
    public int Schema { get; init; } = Versioning.Current;

    /// <summary>Whether there are no more calls.</summary>
    [JsonIgnore]
    public bool IsFinal => View.DeliveredAt is not null || View.GaveUp is not null;
}

using Imagic.Contracts.Edits;

namespace Imagic.Contracts.Webhooks;

/// <summary>Types of events.</summary>
public static class WebhookTypes
{
    public const string EditCompleted = "edit.completed";

    public const string EditFailed = "edit.failed";

    public const string EditCancelled = "edit.cancelled";

    public const string BatchCompleted = "batch.completed";

    /// <summary>What <c>imagic webhooks test</c> sends.</summary>
    public const string Test = "webhook.test";

    /// <summary>The type of an edit's end.</summary>
    public static string Of(EditState state) => state switch
    {
        EditState.Succeeded => EditCompleted,
        EditState.Failed => EditFailed,
        EditState.Cancelled => EditCancelled,
        _ => throw new ArgumentOutOfRangeException(nameof(state), state, "It is no end."),
    };
}

/// <summary>What a webhook is sent, in the form of Standard Webhooks.</summary>
/// <param name="Type">One of <see cref="WebhookTypes"/>.</param>
/// <param name="Timestamp">When it happened.</param>
/// <param name="Data">How the edit is, or the summary of the batch.</param>
/// <param name="Links">Where there is more.</param>
public sealed record WebhookEvent<T>(string Type, DateTimeOffset Timestamp, T Data, WebhookLinks? Links = null);

/// <summary>Addresses of the API; without a host where the service does not know its own.</summary>
/// <param name="Self">The edit or the batch.</param>
/// <param name="Results">Its results, if it has any: the list of files of an edit, the contact sheet of a batch.</param>
public sealed record WebhookLinks(string Self, string? Results = null);

/// <summary>What <see cref="WebhookTypes.Test"/> says.</summary>
public sealed record WebhookTest(string Message);

using Imagic.Contracts.Edits;
using Imagic.Contracts.Stages;
using Imagic.Storage;

namespace Imagic.Worker.Messages;

/// <summary>What to do about a stage message.</summary>
internal abstract record Disposition
{
    /// <summary>Do the stage under a new claim.</summary>
    public sealed record Claim : Disposition;

    /// <summary>Its work is done or in better hands: delete it.</summary>
    public sealed record Acknowledge(string Why) : Disposition;

    /// <summary>Its time has not come: give it back for a while.</summary>
    public sealed record Wait(TimeSpan Delay, string Why) : Disposition;

    /// <summary>The edit went back to an earlier stage in this message's place: make sure that one's message is there, then delete this one.</summary>
    public sealed record SendBack : Disposition;

    /// <summary>The edit has ended: make sure that everything after its end is done too, then delete the message.</summary>
    public sealed record Conclude : Disposition;

    /// <summary>Too many attempts came to nothing: the edit fails, and the message is kept for a person.</summary>
    public sealed record GiveUp : Disposition;

    /// <summary>Whoever sent it never finished starting the edit: nobody was promised anything, so it is removed.</summary>
    public sealed record Discard : Disposition;

    /// <summary>Deliveries of a message whose edit does not exist before it is removed: about four minutes.</summary>
    public const int MaxDeliveriesWithoutRecord = 12;

    private static readonly TimeSpan FirstWait = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan PreviousStageWait = TimeSpan.FromSeconds(1);

    /// <summary>Decides.</summary>
    /// <param name="message">What the message asks for.</param>
    /// <param name="messageId">Its id on the queue.</param>
    /// <param name="deliveries">How often it was received.</param>
    /// <param name="stored">The edit's record; null when there is none.</param>
    /// <param name="options">Limits.</param>
    public static Disposition Of(StageMessage message, string messageId, long deliveries, Stored<EditRecord>? stored, WorkerOptions options)
    {
        if (stored is null)
        {
            return deliveries < MaxDeliveriesWithoutRecord
                ? new Wait(Backoff(deliveries, FirstWait, LongestWait), "the edit is still being started")
                : new Discard();
        }

        var record = stored.Value;
        if (record.HasEnded()) return new Conclude();
        if (record.IsPast(message.Stage)) return new Acknowledge("the stage is done");
        if (!record.Settings.Stages().Contains(message.Stage)) return new Acknowledge("the edit has no such stage");
        if (!record.Due().Contains(message.Stage))
            return record.Restart?.MessageId == messageId ? new SendBack() : new Wait(PreviousStageWait, "the stage before is being concluded");
        var turn = record.TurnOf(message.Stage);
        // The same message again means that its holder has lost it. With another one, the holder's own message comes back
        // if the holder dies, unless that message was lost from the queue: then the record ages.
        if (turn.Claim is { } claim && claim.MessageId != messageId && stored.Age < options.Visibility * 2)
            return new Acknowledge($"worker {claim.Worker} has the stage");
        return turn.Attempts >= options.MaxAttempts ? new GiveUp() : new Claim();
    }

    /// <summary>Doubling pause after failure number <paramref name="failures"/>.</summary>
    public static TimeSpan Backoff(long failures, TimeSpan first, TimeSpan longest) =>
        TimeSpan.FromSeconds(Math.Min(longest.TotalSeconds, first.TotalSeconds * Math.Pow(2, Math.Clamp(failures - 1, 0, 30))));
}

using Azure.Storage.Queues.Models;
using Imagic.LocalHost.App;
using Imagic.LocalHost.Invocations;

namespace Imagic.LocalHost.Queues;

/// <summary>The envelope of a queue message.</summary>
internal static class QueueEnvelope
{
    /// <summary>Makes it.</summary>
    /// <param name="function">The function that gets it.</param>
    /// <param name="message">The message.</param>
    /// <param name="text">Its decoded text.</param>
    /// <param name="now">Now.</param>
    /// <param name="random">Any id.</param>
    public static byte[] Create(QueueFunction function, QueueMessage message, string text, DateTimeOffset now, Guid random)
    {
        var envelope = new InvocationEnvelope();
        envelope.AddData(function.Input, WireValue.Text(text));
        envelope.SetMetadata("DequeueCount", WireValue.Number(message.DequeueCount));
        envelope.SetMetadata("ExpirationTime", WireValue.Time(message.ExpiresOn ?? DateTimeOffset.MaxValue));
        envelope.SetMetadata("Id", WireValue.Text(message.MessageId));
        envelope.SetMetadata("InsertionTime", WireValue.Time(message.InsertedOn ?? now));
        envelope.SetMetadata("NextVisibleTime", WireValue.Time(message.NextVisibleOn ?? now));
        envelope.SetMetadata("PopReceipt", WireValue.Text(message.PopReceipt));
        envelope.SetSystemMetadata(function.Name, now, random);
        envelope.MergePayload(text);
        return envelope.ToUtf8();
    }
}

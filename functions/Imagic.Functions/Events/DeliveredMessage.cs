namespace Imagic.Functions.Events;

/// <summary>A message of a queue, as the host brought it.</summary>
/// <param name="Text">What it says.</param>
/// <param name="Id">Its id; null when the host did not say.</param>
/// <param name="DequeueCount">Deliveries so far; null when the host did not say.</param>
internal sealed record DeliveredMessage(string Text, string? Id, long? DequeueCount);

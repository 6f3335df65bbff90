namespace Imagic.Functions.Events;

/// <summary>A blob was created or overwritten.</summary>
/// <param name="Container">Its container.</param>
/// <param name="Name">Its name, decoded.</param>
internal sealed record StorageEvent(string Container, string Name);

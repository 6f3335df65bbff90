namespace Imagic.Worker;

/// <summary>What an edit was given cannot be used, and trying again would not help; the sentence says what and why.</summary>
public sealed class EditInputException(string message) : Exception(message);

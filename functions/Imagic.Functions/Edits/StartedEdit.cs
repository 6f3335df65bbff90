using Imagic.Runtime.Storage;

namespace Imagic.Functions.Edits;

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
public readonly record struct StartedEdit(StartOutcome Outcome, StoredRecord? Record);

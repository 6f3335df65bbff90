namespace Imagic.Contracts;

/// <summary>Whose move it is after a failure.</summary>
public enum FaultKind
{
    /// <summary>What was given cannot be used; the same again ends the same way.</summary>
    BadInput,

    /// <summary>Something has to be installed or signed in to first.</summary>
    NotSetUp,

    /// <summary>It went wrong on the way.</summary>
    Failed,

    /// <summary>This machine lacks disk, memory or a device; nothing is wrong with what was given, and another machine may do it.</summary>
    Machine,
}

/// <summary>A failure that is told to a person: what was wrong and what to do.</summary>
/// <param name="code">Stable, for programs; the code of problem details and of failed edits.</param>
/// <param name="kind">Whose move it is; the command line's exit code follows it.</param>
/// <param name="message">One or more whole sentences.</param>
public abstract class ImagicException(string code, FaultKind kind, string message, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>Stable, for programs.</summary>
    public string Code { get; } = code;

    /// <summary>Whose move it is.</summary>
    public FaultKind Kind { get; } = kind;
}

/// <summary>What somebody gave - an argument, a setting, a file - cannot be used.</summary>
public sealed class BadInputException(string message, Exception? inner = null)
    : ImagicException("invalid-input", FaultKind.BadInput, message, inner);

/// <summary>This machine cannot do it.</summary>
public sealed class MachineException(string code, string message, Exception inner) : ImagicException(code, FaultKind.Machine, message, inner);

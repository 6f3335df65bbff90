using Imagic.Contracts;

namespace Imagic.LocalHost.FunctionRpc;

/// <summary>The function app in the folder cannot be run; the message names the file and what to change.</summary>
public sealed class FunctionAppException(string message, Exception? inner = null)
    : ImagicException("function-app-failed", FaultKind.Failed, message, inner);

namespace Imagic.LocalHost.FunctionRpc;

/// <summary>The worker process of the function app does not stay alive; the host has given up.</summary>
public sealed class FunctionsWorkerException(string message) : Exception(message);

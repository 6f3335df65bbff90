namespace Imagic.LocalHost.Handler;

/// <summary>The handler does not stay alive; the host has given up.</summary>
public sealed class HandlerException(string message) : Exception(message);

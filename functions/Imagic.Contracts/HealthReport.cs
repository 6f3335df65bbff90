namespace Imagic.Contracts;

/// <summary>That the service can do its work.</summary>
/// <param name="Status"><c>ok</c>; anything else is told as a problem.</param>
/// <param name="Version">Version of the service.</param>
public sealed record HealthReport(string Status, string Version);

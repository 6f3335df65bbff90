namespace Imagic.Marks.Xmp;

/// <summary>What a picture's XMP says of its origin; unsigned, so anybody can have written it.</summary>
/// <param name="DigitalSourceType">The IPTC's address of how the picture came to be.</param>
/// <param name="CreatorTool">The program.</param>
/// <param name="Model">The model, where it was one of ours.</param>
/// <param name="Settings">Fingerprint of the settings, where it was one of ours.</param>
public sealed record XmpRecord(string? DigitalSourceType, string? CreatorTool, string? Model = null, string? Settings = null);

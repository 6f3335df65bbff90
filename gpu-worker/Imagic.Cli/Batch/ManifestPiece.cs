namespace Imagic.Cli.Batch;

/// <summary>A piece of a manifest's text: kept as it is, or the place where a picture is named.</summary>
/// <param name="Text">As it stands in the file.</param>
internal sealed record ManifestPiece(string Text)
{
    /// <summary>The picture that is named here.</summary>
    public string? Source { get; init; }

    /// <summary>The picture's name below the batch's folder in storage; null when it is not on this machine.</summary>
    public string? Name { get; init; }

    /// <summary>How a name is written in this kind of file.</summary>
    public Func<string, string>? Quote { get; init; }

    /// <summary>The text with the picture's name in storage.</summary>
    public string Render(string batch) => Name is { } name && Quote is { } quote ? quote($"{batch}/{name}") : Text;
}

namespace Imagic.Marks.Credentials;

/// <summary>How a picture was made, as its manifest tells it.</summary>
/// <param name="Source">What it was made of; null where that is not told: then it was created.</param>
/// <param name="Action">What was done, such as <see cref="Edited"/>.</param>
/// <param name="DigitalSourceType">What that makes of it, of the IPTC's addresses; null where nothing was generated.</param>
/// <param name="Title">Name of the file.</param>
/// <param name="Description">In words, such as the model.</param>
public sealed record Provenance(CredentialsSource? Source, string Action, string? DigitalSourceType, string Title, string? Description = null)
{
    internal const string Created = "c2pa.created";

    /// <summary>The action that changes what the picture shows.</summary>
    public const string Edited = "c2pa.edited";

    /// <summary>The action that makes another format of it.</summary>
    public const string Transcoded = "c2pa.transcoded";

    /// <summary>The action that makes another size of it.</summary>
    public const string Resized = "c2pa.resized";

    /// <summary>Made by a trained model from a picture that was there.</summary>
    public const string CompositeWithTrainedAlgorithmicMedia = "http://cv.iptc.org/newscodes/digitalsourcetype/compositeWithTrainedAlgorithmicMedia";
}

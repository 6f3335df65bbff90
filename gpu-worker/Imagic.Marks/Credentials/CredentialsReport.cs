using System.Collections.Immutable;

namespace Imagic.Marks.Credentials;

/// <summary>What a manifest says was done.</summary>
/// <param name="Name">Such as <c>c2pa.edited</c>.</param>
/// <param name="DigitalSourceType">The IPTC's address of how the picture came to be; null where the action tells none.</param>
/// <param name="SoftwareAgent">The program, as it names itself.</param>
/// <param name="When">As the action tells it, not as anybody has proved it.</param>
public sealed record CredentialsAction(string Name, string? DigitalSourceType, string? SoftwareAgent, DateTimeOffset? When);

/// <summary>What the Content Credentials (C2PA) of a file say, and whether they hold. Whether the signer is to be trusted
/// is not asked: no list of trusted certificates is kept.</summary>
public sealed record CredentialsReport
{
    /// <summary>There are none.</summary>
    public static readonly CredentialsReport None = new();

    /// <summary>Whether the file carries a manifest store.</summary>
    public bool Found { get; init; }

    /// <summary>The program that wrote the active manifest.</summary>
    public string? ClaimGenerator { get; init; }

    /// <summary>What the active manifest says was done, in its order.</summary>
    public ImmutableArray<CredentialsAction> Actions { get; init; } = [];

    /// <summary>Subject of the certificate that signed.</summary>
    public string? Signer { get; init; }

    /// <summary>Whether the certificate is its own issuer's or has nobody's word but its own: made on the spot.</summary>
    public bool IsSelfMade { get; init; }

    /// <summary>When it was signed: the newest time that the actions tell, unless a time stamp proves another.</summary>
    public DateTimeOffset? Time { get; init; }

    /// <summary>Whether the signature fits the claim, and the claim's hashes fit its assertions.</summary>
    public bool IsSignatureValid { get; init; }

    /// <summary>Whether the file's bytes are those that were signed.</summary>
    public bool IsHashValid { get; init; }

    /// <summary>Whether the manifest names what the picture was made of.</summary>
    public bool HasIngredient { get; init; }

    /// <summary>Whether what it was made of has a manifest of its own, kept in the same store.</summary>
    public bool HasIngredientManifest { get; init; }

    /// <summary>What is wrong, in sentences.</summary>
    public ImmutableArray<string> Problems { get; init; } = [];
}

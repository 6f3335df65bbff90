using System.Formats.Cbor;
using System.Security.Cryptography;
using System.Security.Cryptography.Cose;
using System.Security.Cryptography.X509Certificates;

namespace Imagic.Marks.Credentials;

/// <summary>Signs claims by ES256 (COSE, RFC 9052). Thread-safe where its key is.</summary>
public sealed class CredentialsSigner
{
    internal const int ChainHeader = 33; // x5chain, RFC 9360

    private readonly ECDsa _key;
    private readonly CoseHeaderMap _header;

    /// <summary>Signs with a key.</summary>
    /// <param name="key">On P-256. It may be in a vault: it is asked for signatures of hashes only.</param>
    /// <param name="chain">Its certificate, then those that vouch for it, the root left out.</param>
    /// <exception cref="BadInputException">The certificate is not of that key, or not fit to sign credentials.</exception>
    public CredentialsSigner(ECDsa key, IReadOnlyList<X509Certificate2> chain)
    {
        if (chain.Count == 0) throw new BadInputException("There is no certificate to sign credentials with.");
        CheckFit(chain[0]);
        (_key, Subject) = (key, chain[0].Subject);
        var certificates = new CborWriter();
        if (chain.Count > 1) certificates.WriteStartArray(chain.Count);
        foreach (var certificate in chain) certificates.WriteByteString(certificate.RawData);
        if (chain.Count > 1) certificates.WriteEndArray();
        _header = new() { [new(ChainHeader)] = CoseHeaderValue.FromEncodedValue(certificates.Encode()) };
        using var other = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        SignatureLength = Sign([], other).Length;
    }

    /// <summary>Whom the certificate names.</summary>
    public string Subject { get; }

    /// <summary>Bytes of every signature.</summary>
    internal int SignatureLength { get; }

    internal byte[] Sign(byte[] claim) => Sign(claim, _key);

    private byte[] Sign(byte[] claim, ECDsa key) => CoseSign1Message.SignDetached(claim, new CoseSigner(key, HashAlgorithmName.SHA256, _header));

    // What the certificate profile of C2PA asks of it that is left out most easily (14.5.1).
    private static void CheckFit(X509Certificate2 certificate)
    {
        using var publicKey = certificate.GetECDsaPublicKey();
        if (publicKey is not { KeySize: 256 })
            throw Unfit("has no key on the curve P-256. Make one with key type EC and curve P-256");
        if (!certificate.Extensions.OfType<X509KeyUsageExtension>().Any(usage => usage.KeyUsages.HasFlag(X509KeyUsageFlags.DigitalSignature)))
            throw Unfit("lacks the key usage digitalSignature");
        if (!certificate.Extensions.OfType<X509EnhancedKeyUsageExtension>().Any())
            throw Unfit("lacks an extended key usage, such as 1.3.6.1.4.1.62558.2.1 (C2PA claim signing) or 1.3.6.1.5.5.7.3.4 (e-mail)");
        if (certificate.Subject == certificate.Issuer)
            throw Unfit("has signed itself, which verifiers of C2PA refuse. Have one issued by an authority");

        BadInputException Unfit(string what) => new($"The certificate '{certificate.Subject}' {what}.");
    }
}

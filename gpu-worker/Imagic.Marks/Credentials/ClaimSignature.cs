using System.Formats.Cbor;
using System.Security.Cryptography;
using System.Security.Cryptography.Cose;
using System.Security.Cryptography.X509Certificates;

namespace Imagic.Marks.Credentials;

/// <summary>The signature of a claim (COSE_Sign1 with its payload apart).</summary>
internal sealed record ClaimSignature(string? Signer, bool IsSelfMade, string? Problem, string? Warning = null)
{
    // An RSA key for signatures by PSS alone, which .NET does not take for one.
    private const string PssKey = "1.2.840.113549.1.1.10";

    // What claims of version 1 call it.
    private const string OldChainHeader = "x5chain";

    public static ClaimSignature Check(ReadOnlyMemory<byte> signature, ReadOnlySpan<byte> claim, TimeProvider time)
    {
        try
        {
            var message = CoseMessage.DecodeSign1(signature.Span);
            if (CertificateOf(message) is not { } encoded) return new(null, false, "The signature comes without a certificate.");
            using var certificate = X509CertificateLoader.LoadCertificate(encoded);
            using var key = KeyOf(certificate);
            var isSelfMade = certificate.Subject == certificate.Issuer || certificate.Issuer == SelfMadeSigner.Issuer;
            var problem = key is null ? "The signature is of a kind that is not checked here."
                : message.Content is null && message.VerifyDetached(key, claim) ? null
                : "The signature does not fit: the manifest has been changed since it was signed.";
            var now = time.GetUtcNow().LocalDateTime;
            var warning = now < certificate.NotBefore || now > certificate.NotAfter
                ? $"The certificate holds from {certificate.NotBefore.ToUniversalTime():yyyy-MM-dd} to {certificate.NotAfter.ToUniversalTime():yyyy-MM-dd}, not today; whether it held when it signed is not checked here."
                : null;
            return new(certificate.Subject, isSelfMade, problem, warning);
        }
        catch (Exception exception) when (exception is CryptographicException or CborContentException or InvalidOperationException or ArgumentException or OverflowException)
        {
            return new(null, false, "The signature cannot be read.");
        }
    }

    private static AsymmetricAlgorithm? KeyOf(X509Certificate2 certificate)
    {
        if (certificate.PublicKey.Oid.Value != PssKey) return certificate.GetECDsaPublicKey() ?? (AsymmetricAlgorithm?)certificate.GetRSAPublicKey();
        var key = RSA.Create();
        key.ImportRSAPublicKey(certificate.PublicKey.EncodedKeyValue.RawData, out _);
        return key;
    }

    private static byte[]? CertificateOf(CoseSign1Message message)
    {
        foreach (var headers in (CoseHeaderMap[])[message.ProtectedHeaders, message.UnprotectedHeaders])
        {
            foreach (var label in (CoseHeaderLabel[])[new(CredentialsSigner.ChainHeader), new(OldChainHeader)])
            {
                if (!headers.TryGetValue(label, out var value)) continue;
                var reader = new CborReader(value.EncodedValue);
                if (reader.PeekState() == CborReaderState.StartArray) reader.ReadStartArray();
                return reader.ReadByteString();
            }
        }

        return null;
    }
}

using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace Imagic.Marks.Credentials;

/// <summary>A signer with a certificate that nobody vouches for: it shows that a picture has not changed since, not who made it.</summary>
public static class SelfMadeSigner
{
    /// <summary>Name of whoever issued it, by which it is told.</summary>
    internal const string Issuer = "CN=Imagic (made on this machine), OU=Nobody vouches for it";

    private const string Email = "1.3.6.1.5.5.7.3.4", DocumentSigning = "1.3.6.1.5.5.7.3.36";
    private const int Years = 10;

    /// <summary>The one that is kept in a file, or one for this process where none is named.</summary>
    /// <inheritdoc cref="OpenOrCreate"/>
    public static CredentialsSigner Open(string? file, TimeProvider time) => file is null ? Create(time) : OpenOrCreate(file, time);

    /// <summary>Makes one that is gone with this process.</summary>
    public static CredentialsSigner Create(TimeProvider time)
    {
        var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        return new(key, [Certify(key, time)]);
    }

    /// <summary>Takes the one that is kept in a file, or makes it. Whoever reads the file can sign like it, so only its owner may.</summary>
    /// <exception cref="BadInputException">The file holds no key and certificate that belong together.</exception>
    public static CredentialsSigner OpenOrCreate(string file, TimeProvider time)
    {
        if (!File.Exists(file)) Keep(file, time);
        try
        {
            var pem = File.ReadAllText(file);
            using var pair = X509Certificate2.CreateFromPem(pem, pem);
            if (pair.NotAfter <= time.GetUtcNow().LocalDateTime)
            {
                File.Delete(file);
                return OpenOrCreate(file, time);
            }

            return new(pair.GetECDsaPrivateKey() ?? throw Damaged(file, null), [X509CertificateLoader.LoadCertificate(pair.RawData)]);
        }
        catch (CryptographicException exception)
        {
            throw Damaged(file, exception);
        }
    }

    private static BadInputException Damaged(string file, Exception? inner) =>
        new($"'{file}' holds no key and certificate to sign pictures with. Remove it; a new one is made.", inner);

    // Of two processes that make one at the same time the first wins.
    private static void Keep(string file, TimeProvider time)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var certificate = Certify(key, time);
        var folder = Path.GetDirectoryName(Path.GetFullPath(file))!;
        Directory.CreateDirectory(folder);
        var draft = Path.Combine(folder, $"{Path.GetRandomFileName()}.tmp");
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows()) options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        using (var stream = new FileStream(draft, options))
            stream.Write(Encoding.ASCII.GetBytes($"{certificate.ExportCertificatePem()}\n{key.ExportPkcs8PrivateKeyPem()}\n"));
        try
        {
            File.Move(draft, file, overwrite: false);
        }
        catch (IOException) when (File.Exists(file))
        {
            File.Delete(draft);
        }
    }

    // Verifiers refuse what has signed itself, so a root signs it, whose key nobody keeps.
    private static X509Certificate2 Certify(ECDsa key, TimeProvider time)
    {
        using var rootKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var rootRequest = new CertificateRequest(Issuer, rootKey, HashAlgorithmName.SHA256);
        rootRequest.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, true, 0, true));
        rootRequest.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign, true));
        var rootId = new X509SubjectKeyIdentifierExtension(rootRequest.PublicKey, false);
        rootRequest.CertificateExtensions.Add(rootId);
        var from = time.GetUtcNow().AddDays(-1);
        using var root = rootRequest.CreateSelfSigned(from, from.AddYears(Years));

        var request = new CertificateRequest("CN=Imagic on this machine, O=Imagic", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new(Email), new(DocumentSigning)], false));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
        request.CertificateExtensions.Add(X509AuthorityKeyIdentifierExtension.CreateFromSubjectKeyIdentifier(rootId));
        var serial = RandomNumberGenerator.GetBytes(16);
        serial[0] &= 0x7F; // a positive number
        return request.Create(root, from, from.AddYears(Years), serial);
    }
}

using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.RegularExpressions;
using Imagic.Contracts;
using Microsoft.Extensions.Configuration;

namespace Imagic.Storage.Signing;

/// <summary>What results are signed with: a certificate of a key vault, or one that is made by the program itself.</summary>
public sealed partial record SigningOptions
{
    /// <summary>Setting with the address of the certificate in a key vault, such as <c>https://NAME.vault.azure.net/certificates/imagic</c>.</summary>
    public const string CertificateSetting = "IMAGIC_SIGNING_CERTIFICATE";

    /// <summary>Setting with the certificates that vouch for it, as PEM, the nearest first and without the root.</summary>
    public const string ChainSetting = "IMAGIC_SIGNING_CHAIN";

    /// <summary>Setting with the file that keeps a certificate that is made by the program itself; without one it is gone with the process.</summary>
    public const string FileSetting = "IMAGIC_SIGNING_FILE";

    /// <summary>The certificate; null where the program makes one.</summary>
    public Uri? Certificate { get; init; }

    /// <summary>Those that vouch for it.</summary>
    public IReadOnlyList<X509Certificate2> Chain { get; init; } = [];

    /// <summary>Where one that is made by the program is kept.</summary>
    public string? File { get; init; }

    /// <summary>Client id of a user-assigned identity; the system's own when absent.</summary>
    public string? ClientId { get; init; }

    /// <summary>Reads the environment variables.</summary>
    /// <inheritdoc cref="Read"/>
    public static SigningOptions FromEnvironment() => Read(new ConfigurationBuilder().AddEnvironmentVariables().Build());

    /// <summary>Reads the settings.</summary>
    /// <exception cref="BadInputException">One cannot be used.</exception>
    public static SigningOptions Read(IConfiguration configuration)
    {
        var (certificate, chain, file) = (Value(CertificateSetting), Value(ChainSetting), Value(FileSetting));
        if (certificate is null)
        {
            return chain is null ? new() { File = file } : throw new BadInputException(
                $"The setting {ChainSetting} is of no use without {CertificateSetting}. Set that too, or neither.");
        }

        if (file is not null) throw new BadInputException($"Set {CertificateSetting} or {FileSetting}, not both.");
        if (!Uri.TryCreate(certificate, UriKind.Absolute, out var address) || address.Scheme != Uri.UriSchemeHttps || !CertificatePath().IsMatch(address.AbsolutePath))
        {
            throw new BadInputException(
                $"The setting {CertificateSetting} is '{certificate}'. Give the address of a certificate in a key vault, such as https://NAME.vault.azure.net/certificates/imagic.");
        }

        return new() { Certificate = address, Chain = Certificates(chain ?? ""), ClientId = Value($"{StorageOptions.Connection}:clientId") };

        string? Value(string name) => configuration[name] is { Length: > 0 } value ? value : null;
    }

    /// <summary>The key of the vault, its certificate and those that vouch for it; null where the program makes its own.</summary>
    /// <inheritdoc cref="VaultKey.Open(SigningOptions, TimeProvider)"/>
    public (ECDsa Key, IReadOnlyList<X509Certificate2> Chain)? OpenVault(TimeProvider time)
    {
        if (Certificate is null) return null;
        var key = VaultKey.Open(this, time);
        return (key, [key.Certificate, .. Chain]);
    }

    private static List<X509Certificate2> Certificates(string pem)
    {
        var certificates = new X509Certificate2Collection();
        try
        {
            certificates.ImportFromPem(pem);
        }
        catch (CryptographicException exception)
        {
            throw new BadInputException($"The setting {ChainSetting} holds no certificates as PEM.", exception);
        }

        return certificates.Count > 0 || pem.Length == 0 ? [.. certificates] : throw new BadInputException($"The setting {ChainSetting} holds no certificates as PEM.");
    }

    [GeneratedRegex(@"\A/certificates/[0-9A-Za-z-]+(/[0-9a-f]+)?/?\z")]
    private static partial Regex CertificatePath();
}

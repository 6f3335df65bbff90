using System.Buffers.Text;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using Azure;
using Azure.Core;
using Azure.Core.Pipeline;
using Azure.Identity;
using Imagic.Contracts;
using Imagic.Storage.Resilience;

namespace Imagic.Storage.Signing;

/// <summary>
/// A key on P-256 in a key vault. The vault signs; only hashes go there, and the private key never comes from there.
/// </summary>
public sealed class VaultKey : ECDsa
{
    private const string Version = "7.4";

    private readonly HttpPipeline _vault;
    private readonly Uri _key;
    private readonly ECDsa _public;

    private VaultKey(HttpPipeline vault, Uri key, X509Certificate2 certificate)
    {
        (_vault, _key, Certificate) = (vault, key, certificate);
        _public = certificate.GetECDsaPublicKey() ?? throw new BadInputException(
            $"The certificate '{certificate.Subject}' has no key on an elliptic curve. Make one with key type EC and curve P-256.");
        KeySizeValue = _public.KeySize;
    }

    /// <summary>The certificate of the key.</summary>
    public X509Certificate2 Certificate { get; }

    /// <summary>Asks the vault for a certificate and its key's name.</summary>
    /// <exception cref="BadInputException">The vault has no such certificate, does not let this identity read it, or it is of another kind.</exception>
    /// <exception cref="RequestFailedException">The vault does not answer.</exception>
    public static VaultKey Open(SigningOptions options, TimeProvider time) => Open(
        options.Certificate!, new DefaultAzureCredential(new DefaultAzureCredentialOptions { ManagedIdentityClientId = options.ClientId }), HttpClientTransport.Shared, time);

    /// <inheritdoc cref="Open(SigningOptions, TimeProvider)"/>
    internal static VaultKey Open(Uri address, TokenCredential credential, HttpPipelineTransport transport, TimeProvider time)
    {
        var options = new VaultOptions { RetryPolicy = new StorageRetryPolicy(time), Transport = transport };
        // Each cloud has its own suffix behind the vault's name.
        var scope = $"https://{address.Host[(address.Host.IndexOf('.', StringComparison.Ordinal) + 1)..]}/.default";
        var vault = HttpPipelineBuilder.Build(options, new BearerTokenAuthenticationPolicy(credential, scope));
        using var answer = Send(vault, RequestMethod.Get, address, null);
        if (answer.Status is 401 or 403 or 404)
        {
            throw new BadInputException(
                $"The key vault does not give the certificate {address} (status {answer.Status}). Look whether it is there, and whether this identity is a Key Vault Reader and Key Vault Crypto User of the vault.");
        }

        Check(answer);
        using var certificate = JsonDocument.Parse(answer.Content.ToMemory());
        return new(
            vault, new(certificate.RootElement.GetProperty("kid").GetString()!),
            X509CertificateLoader.LoadCertificate(certificate.RootElement.GetProperty("cer").GetBytesFromBase64()));
    }

    /// <inheritdoc/>
    /// <exception cref="RequestFailedException">The vault refuses, or does not answer.</exception>
    public override byte[] SignHash(byte[] hash)
    {
        var sign = new Uri($"{_key.AbsoluteUri.TrimEnd('/')}/sign");
        var asked = $$"""{"alg":"ES256","value":"{{Base64Url.EncodeToString(hash)}}"}""";
        using var answer = Send(_vault, RequestMethod.Post, sign, BinaryData.FromString(asked));
        Check(answer);
        using var signed = JsonDocument.Parse(answer.Content.ToMemory());
        return Base64Url.DecodeFromChars(signed.RootElement.GetProperty("value").GetString());
    }

    /// <inheritdoc/>
    public override bool VerifyHash(byte[] hash, byte[] signature) => _public.VerifyHash(hash, signature);

    protected override void Dispose(bool disposing)
    {
        if (disposing) _public.Dispose();
        base.Dispose(disposing);
    }

    private static Response Send(HttpPipeline vault, RequestMethod method, Uri address, BinaryData? body)
    {
        var message = vault.CreateMessage(); // its answer, which is in memory, goes with it
        message.Request.Method = method;
        message.Request.Uri.Reset(address);
        message.Request.Uri.AppendQuery("api-version", Version);
        if (body is not null)
        {
            message.Request.Headers.Add(HttpHeader.Common.JsonContentType);
            message.Request.Content = RequestContent.Create(body);
        }

        vault.Send(message, CancellationToken.None);
        return message.Response;
    }

    private static void Check(Response answer)
    {
        if (answer.IsError) throw new RequestFailedException(answer);
    }

    private sealed class VaultOptions : ClientOptions;
}

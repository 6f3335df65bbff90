using System.Buffers.Text;
using System.Collections.Concurrent;
using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using Azure.Core;
using Azure.Core.Pipeline;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Imagic.Storage.Tests.Signing;

/// <summary>A key vault on this machine, as far as a certificate and its key's sign operation go; it holds a real key.</summary>
internal sealed class VaultStandIn : IAsyncDisposable
{
    public const string Token = "a-token";

    private readonly ECDsa _key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private readonly X509Certificate2 _certificate;
    private readonly WebApplication _app;

    private VaultStandIn(ECCurve curve)
    {
        _key = ECDsa.Create(curve);
        _certificate = Issue(_key, "CN=Studio of Tests, O=Tests");
        var server = Server();
        Transport = new HttpClientTransport(new HttpClient(new SocketsHttpHandler { SslOptions = new() { CertificateChainPolicy = OnlyTrusts(server) } }));
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelHttpsConfiguration().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen => listen.UseHttps(server)));
        _app = builder.Build();
        _app.Run(AnswerAsync);
    }

    public Uri Certificate => new($"{_app.Urls.First()}/certificates/studio");

    public ConcurrentQueue<string> Calls { get; } = [];

    /// <summary>Statuses of the next answers; when they are used up it does as it is told.</summary>
    public ConcurrentQueue<int> Failures { get; } = [];

    /// <summary>Trusts no other server than this one.</summary>
    public HttpPipelineTransport Transport { get; }

    public static async Task<VaultStandIn> StartAsync(ECCurve? curve = null)
    {
        var vault = new VaultStandIn(curve ?? ECCurve.NamedCurves.nistP256);
        await vault._app.StartAsync();
        return vault;
    }

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        _certificate.Dispose();
        _key.Dispose();
    }

    private async Task AnswerAsync(HttpContext context)
    {
        Calls.Enqueue($"{context.Request.Method} {context.Request.Path}{context.Request.QueryString}");
        if (context.Request.Headers.Authorization != $"Bearer {Token}")
        {
            context.Response.StatusCode = 401;
        }
        else if (Failures.TryDequeue(out var status))
        {
            context.Response.StatusCode = status;
        }
        else if (context.Request.Path == "/certificates/studio")
        {
            await context.Response.WriteAsJsonAsync(new Dictionary<string, object>
            {
                ["kid"] = $"{_app.Urls.First()}/keys/studio/0123abcd", ["cer"] = _certificate.RawData,
            });
        }
        else if (context.Request.Path == "/keys/studio/0123abcd/sign" && HttpMethods.IsPost(context.Request.Method))
        {
            using var asked = await JsonDocument.ParseAsync(context.Request.Body);
            Assert.Equal("ES256", asked.RootElement.GetProperty("alg").GetString());
            var signature = _key.SignHash(Base64Url.DecodeFromChars(asked.RootElement.GetProperty("value").GetString()));
            await context.Response.WriteAsJsonAsync(new Dictionary<string, string> { ["kid"] = "it", ["value"] = Base64Url.EncodeToString(signature) });
        }
        else
        {
            context.Response.StatusCode = 404;
        }
    }

    private static X509Certificate2 Issue(ECDsa key, string subject)
    {
        using var authority = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest(subject, key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new("1.3.6.1.5.5.7.3.4")], false));
        var now = TimeProvider.System.GetUtcNow();
        return request.Create(new("CN=Authority of Tests"), X509SignatureGenerator.CreateForECDsa(authority), now.AddDays(-1), now.AddDays(1), [1, 2, 3]);
    }

    private static X509Certificate2 Server()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=127.0.0.1", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        var now = TimeProvider.System.GetUtcNow();
        using var made = request.CreateSelfSigned(now.AddDays(-1), now.AddDays(1));
        return X509CertificateLoader.LoadPkcs12(made.Export(X509ContentType.Pkcs12), null);
    }

    private static X509ChainPolicy OnlyTrusts(X509Certificate2 server)
    {
        var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        policy.CustomTrustStore.Add(server);
        return policy;
    }

    /// <summary>An identity that always has its token, and says what it was asked for.</summary>
    public sealed class Identity(string token = Token) : TokenCredential
    {
        public string? Scope { get; private set; }

        public override AccessToken GetToken(TokenRequestContext requestContext, CancellationToken cancellationToken)
        {
            Scope = Assert.Single(requestContext.Scopes);
            return new(token, DateTimeOffset.MaxValue);
        }

        public override ValueTask<AccessToken> GetTokenAsync(TokenRequestContext requestContext, CancellationToken cancellationToken) => new(GetToken(requestContext, cancellationToken));
    }
}

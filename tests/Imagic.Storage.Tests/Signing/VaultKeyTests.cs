using System.Security.Cryptography;
using Azure;
using Imagic.Contracts;
using Imagic.Imaging;
using Imagic.Marks.Credentials;
using Imagic.Storage.Signing;

namespace Imagic.Storage.Tests.Signing;

public class VaultKeyTests
{
    [Fact]
    public async Task Key_SignsCredentialsWithoutLeavingTheVault()
    {
        await using var vault = await VaultStandIn.StartAsync();
        using var key = VaultKey.Open(vault.Certificate, new VaultStandIn.Identity(), vault.Transport, TimeProvider.System);
        var picture = ImageCodec.Encode(RgbImage.Filled(16, 16, 1, 2, 3), ImageFormat.Png);

        var marked = CredentialsWriter.Write(
            picture, new(CredentialsSource.Of("it", picture), Provenance.Edited, null, "it.png"), new(key, [key.Certificate]), TimeProvider.System);

        var report = CredentialsReader.Read(marked);
        Assert.Empty(report.Problems);
        Assert.True(report is { IsSignatureValid: true, IsHashValid: true, IsSelfMade: false, Signer: "CN=Studio of Tests, O=Tests" });
        Assert.Equal(["GET /certificates/studio?api-version=7.4", "POST /keys/studio/0123abcd/sign?api-version=7.4"], vault.Calls);
        Assert.Throws<NotSupportedException>(() => key.ExportParameters(includePrivateParameters: true));
    }

    [Fact]
    public async Task Key_OverAPassingFailure_IsAskedAgain()
    {
        await using var vault = await VaultStandIn.StartAsync();
        using var key = VaultKey.Open(vault.Certificate, new VaultStandIn.Identity(), vault.Transport, TimeProvider.System);
        var hash = SHA256.HashData("it"u8);
        vault.Failures.Enqueue(503);
        vault.Failures.Enqueue(429);

        Assert.True(key.VerifyHash(hash, key.SignHash(hash)));
        Assert.Equal(4, vault.Calls.Count);
    }

    [Fact]
    public async Task Key_ThatMayNotBeUsed_SaysSo()
    {
        await using var vault = await VaultStandIn.StartAsync();
        using var key = VaultKey.Open(vault.Certificate, new VaultStandIn.Identity(), vault.Transport, TimeProvider.System);
        vault.Failures.Enqueue(403);

        Assert.Equal(403, Assert.Throws<RequestFailedException>(() => key.SignHash(SHA256.HashData("it"u8))).Status);
    }

    [Theory]
    [InlineData(401)]
    [InlineData(403)]
    [InlineData(404)]
    public async Task Open_OfWhatTheVaultDoesNotGive_SaysWhatToLookAt(int status)
    {
        await using var vault = await VaultStandIn.StartAsync();
        for (var i = 0; i < 3; i++) vault.Failures.Enqueue(status);

        var exception = Assert.Throws<BadInputException>(() => VaultKey.Open(vault.Certificate, new VaultStandIn.Identity(), vault.Transport, TimeProvider.System));

        Assert.Contains($"(status {status})", exception.Message, StringComparison.Ordinal);
        Assert.Contains("Key Vault Crypto User", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Signer_OfAnotherCurve_SaysWhichOne()
    {
        await using var vault = await VaultStandIn.StartAsync(ECCurve.NamedCurves.nistP384);
        using var key = VaultKey.Open(vault.Certificate, new VaultStandIn.Identity(), vault.Transport, TimeProvider.System);

        Assert.Contains("P-256", Assert.Throws<BadInputException>(() => new CredentialsSigner(key, [key.Certificate])).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Token_IsAskedForTheCloudOfTheVault()
    {
        var identity = new VaultStandIn.Identity();

        // Nobody is there: the token comes first.
        Assert.ThrowsAny<Exception>(() => VaultKey.Open(
            new("https://studio.vault.azure.invalid/certificates/it"), identity, new Azure.Core.Pipeline.HttpClientTransport(new HttpClient(new Nobody())), TimeProvider.System));

        Assert.Equal("https://vault.azure.invalid/.default", identity.Scope);
    }

    private sealed class Nobody : HttpMessageHandler
    {
        protected override HttpResponseMessage Send(HttpRequestMessage request, CancellationToken cancellationToken) => new(System.Net.HttpStatusCode.NotFound) { Content = new ByteArrayContent([]) };

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) => Task.FromResult(Send(request, cancellationToken));
    }
}

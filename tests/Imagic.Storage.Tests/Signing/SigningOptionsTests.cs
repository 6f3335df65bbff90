using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Imagic.Contracts;
using Imagic.Storage.Signing;
using Microsoft.Extensions.Configuration;

namespace Imagic.Storage.Tests.Signing;

public class SigningOptionsTests
{
    private const string Address = "https://studio.vault.azure.net/certificates/imagic";

    [Fact]
    public void Read_OfNothing_LeavesItToTheProgram() => Assert.True(Read() is { Certificate: null, File: null, Chain: [] });

    [Fact]
    public void Read_OfAFile_KeepsTheCertificateThere() => Assert.Equal("/state/signing.pem", Read((SigningOptions.FileSetting, "/state/signing.pem")).File);

    [Theory]
    [InlineData(Address)]
    [InlineData(Address + "/0123456789abcdef")]
    public void Read_OfAnAddress_TakesItWithTheIdentityOfTheStorage(string address)
    {
        var options = Read((SigningOptions.CertificateSetting, address), ("ImagicStorage:clientId", "1234"));

        Assert.Equal((address, "1234"), (options.Certificate!.AbsoluteUri, options.ClientId));
    }

    [Fact]
    public void Read_OfAChain_TakesItsCertificatesOnOneLineToo()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var now = TimeProvider.System.GetUtcNow();
        using var authority = new CertificateRequest("CN=Authority", key, HashAlgorithmName.SHA256).CreateSelfSigned(now, now.AddDays(1));
        var pem = authority.ExportCertificatePem();

        Assert.Equal(["CN=Authority", "CN=Authority"], Read((SigningOptions.CertificateSetting, Address), (SigningOptions.ChainSetting, $"{pem}\n{pem}".Replace('\n', ' '))).Chain.Select(one => one.Subject));
    }

    [Theory]
    [InlineData(SigningOptions.CertificateSetting, "http://studio.vault.azure.net/certificates/imagic", null, null)]
    [InlineData(SigningOptions.CertificateSetting, "https://studio.vault.azure.net/keys/imagic", null, null)]
    [InlineData(SigningOptions.CertificateSetting, "imagic", null, null)]
    [InlineData(SigningOptions.ChainSetting, "nonsense", SigningOptions.CertificateSetting, Address)]
    [InlineData(SigningOptions.ChainSetting, "nonsense", null, null)]
    [InlineData(SigningOptions.FileSetting, "/state/signing.pem", SigningOptions.CertificateSetting, Address)]
    public void Read_OfWhatCannotBeUsed_NamesTheSetting(string name, string value, string? other, string? otherValue) =>
        Assert.Contains(name, Assert.Throws<BadInputException>(() => Read((name, value), (other ?? "other", otherValue))).Message, StringComparison.Ordinal);

    private static SigningOptions Read(params (string Name, string? Value)[] settings) => SigningOptions.Read(
        new ConfigurationBuilder().AddInMemoryCollection(settings.Select(setting => KeyValuePair.Create(setting.Name, setting.Value))).Build());
}

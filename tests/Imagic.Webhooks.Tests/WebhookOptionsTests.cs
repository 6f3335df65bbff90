using Imagic.Contracts;

namespace Imagic.Webhooks.Tests;

public class WebhookOptionsTests
{
    [Fact]
    public void Read_WithoutSettings_AllowsNothing()
    {
        var options = WebhookOptions.Read(_ => null);

        Assert.Empty(options.Hosts);
        Assert.Empty(options.Secrets);
    }

    [Fact]
    public void Read_OfLists_TakesCommasAndSpaces()
    {
        var second = WebhookOptions.Secret(new byte[24]);

        var options = WebhookOptions.Read(name => name == WebhookOptions.HostsSetting ? "a.corp, B.corp:80" : $" {Receiver.Secret}, {second} ");

        Assert.Equal([Receiver.Secret, second], options.Secrets);
        Assert.True(options.Allows(new("http://b.corp/")));
        Assert.False(options.Allows(new("http://b.corp:81/")));
        Assert.True(options.Allows(new("https://a.corp:81/")));
    }

    [Theory]
    [InlineData("MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=")]
    [InlineData("whsec_")]
    [InlineData("whsec_MDEy")]
    [InlineData("whsec_not-base64-at-all-but-long-enough-for-a-key")]
    public void Read_OfNoSecret_RefusesWithoutQuotingIt(string secret)
    {
        var exception = Assert.Throws<BadInputException>(() => WebhookOptions.Read(name => name == WebhookOptions.SecretSetting ? secret : null));

        Assert.Contains(WebhookOptions.SecretSetting, exception.Message, StringComparison.Ordinal);
        if (secret.Length > "whsec_".Length) Assert.DoesNotContain(secret, exception.Message, StringComparison.Ordinal);
    }
}

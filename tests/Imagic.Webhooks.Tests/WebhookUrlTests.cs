namespace Imagic.Webhooks.Tests;

public class WebhookUrlTests
{
    private static readonly WebhookOptions Options = new()
    {
        Secrets = [Receiver.Secret], Hosts = new HashSet<string>(StringComparer.OrdinalIgnoreCase) { "hooks.corp", "127.0.0.1:8080", "[fd00::1]" },
    };

    [Theory]
    [InlineData("https://example.com/hook?token=1", "https://example.com/hook?token=1")]
    [InlineData("https://example.com:8443", "https://example.com:8443/")]
    [InlineData("https://93.184.215.14/", "https://93.184.215.14/")]
    [InlineData("https://[2606:2800:21f::1]/", "https://[2606:2800:21f::1]/")]
    [InlineData("http://hooks.corp/x", "http://hooks.corp/x")]
    [InlineData("https://HOOKS.corp:99/x", "https://hooks.corp:99/x")]
    [InlineData("http://127.0.0.1:8080/x", "http://127.0.0.1:8080/x")]
    [InlineData("http://[fd00::1]/x", "http://[fd00::1]/x")]
    public void Check_OfWhatMayBeCalled_GivesTheAddress(string text, string kept) => Assert.Equal(kept, WebhookUrl.Check(text, Options));

    [Theory]
    [InlineData("")]
    [InlineData("/hook")]
    [InlineData("hook")]
    [InlineData("http://example.com/")]
    [InlineData("ftp://example.com/")]
    [InlineData("ftp://hooks.corp/")]
    [InlineData("file:///etc/passwd")]
    [InlineData("https://user@example.com/")]
    [InlineData("https://user:password@hooks.corp/")]
    [InlineData("https://localhost/")]
    [InlineData("https://a.localhost./")]
    [InlineData("https://127.0.0.1/")] // another port is allowed
    [InlineData("http://127.0.0.1:8081/")]
    [InlineData("https://127.1/")]
    [InlineData("https://0x7f000001/")]
    [InlineData("https://2130706433/")]
    [InlineData("https://0177.0.0.1/")]
    [InlineData("https://0.0.0.0/")]
    [InlineData("https://10.0.0.1/")]
    [InlineData("https://100.64.0.1/")]
    [InlineData("https://172.31.255.255/")]
    [InlineData("https://192.168.1.1/")]
    [InlineData("https://169.254.169.254/metadata/identity/oauth2/token")]
    [InlineData("https://168.63.129.16/")]
    [InlineData("https://224.0.0.1/")]
    [InlineData("https://255.255.255.255/")]
    [InlineData("https://[::1]/")]
    [InlineData("https://[::]/")]
    [InlineData("https://[fe80::1]/")]
    [InlineData("https://[fd00::2]/")]
    [InlineData("https://[::ffff:10.0.0.1]/")]
    [InlineData("https://[64:ff9b::a00:1]/")]
    [InlineData("https://[2002:a00:1::]/")]
    public void Check_OfWhatMustNotBeCalled_Refuses(string text) =>
        Assert.Equal("invalid-webhook", Assert.Throws<InvalidWebhookException>(() => WebhookUrl.Check(text, Options)).Code);

    [Fact]
    public void Check_OfALongAddress_Refuses()
    {
        const string start = "https://example.com/";

        Assert.NotEmpty(WebhookUrl.Check(start.PadRight(WebhookUrl.MaxLength, 'x'), Options));
        Assert.Throws<InvalidWebhookException>(() => WebhookUrl.Check(start.PadRight(WebhookUrl.MaxLength + 1, 'x'), Options));
    }

    [Fact]
    public void Check_WithoutASecret_RefusesAll() => Assert.Contains(
        "no secret", Assert.Throws<InvalidWebhookException>(() => WebhookUrl.Check("https://example.com/", new())).Message, StringComparison.Ordinal);
}

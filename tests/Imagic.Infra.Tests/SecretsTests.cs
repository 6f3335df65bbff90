namespace Imagic.Infra.Tests;

public class SecretsTests(Infrastructure infrastructure)
{
    [Theory]
    [InlineData("listKeys")]
    [InlineData("listAccountSas")]
    [InlineData("listServiceSas")]
    [InlineData("listCredentials")]
    [InlineData("listSecrets")]
    [InlineData("AccountKey")]
    [InlineData("\"sharedKey\"")]
    [InlineData("secretRef")]
    [InlineData("\"secrets\"")]
    [InlineData("passwordSecretRef")]
    [InlineData("securestring")]
    [InlineData("SharedAccess")]
    public void NoTemplate_AsksForOrHoldsASecret(string word) =>
        Assert.All(infrastructure.Templates.Values, template => Assert.DoesNotContain(word, template, StringComparison.OrdinalIgnoreCase));
}

using System.Text.Json;

namespace Imagic.Infra.Tests;

public class FunctionsTests(Infrastructure infrastructure)
{
    private Resource Site => Assert.Single(Infrastructure.Of(infrastructure.Public, "Microsoft.Web/sites"));

    private JsonElement Settings => Assert.Single(Infrastructure.Of(infrastructure.Public, "Microsoft.Web/sites/config"), config => config.Name == "appsettings").Properties;

    [Fact]
    public void App_HasNoInstanceAtRest()
    {
        Assert.Equal("FC1", Assert.Single(Infrastructure.Of(infrastructure.Public, "Microsoft.Web/serverfarms")).Json.GetProperty("sku").GetProperty("name").GetString());
        Assert.Empty(Site["functionAppConfig", "scaleAndConcurrency", "alwaysReady"].EnumerateArray());
    }

    [Fact]
    public void Instance_HasRoomForOtherCallsThanThoseThatWait() =>
        Assert.InRange(Site["functionAppConfig", "scaleAndConcurrency", "triggers", "http", "perInstanceConcurrency"].GetInt32(), 201, 1000);

    [Fact]
    public void App_RunsTheIsolatedWorkerFromAPackageThatItsIdentityReads()
    {
        Assert.Equal("dotnet-isolated", Site["functionAppConfig", "runtime", "name"].GetString());
        Assert.Equal($"{Environment.Version.Major}.0", Site["functionAppConfig", "runtime", "version"].GetString()); // that of these tests is that of the app
        Assert.Equal("UserAssignedIdentity", Site["functionAppConfig", "deployment", "storage", "authentication", "type"].GetString());
        Assert.False(Site["functionAppConfig", "deployment", "storage", "authentication"].TryGetProperty("storageAccountConnectionStringName", out _));
        Assert.Equal("UserAssigned", Site.Json.GetProperty("identity").GetProperty("type").GetString());
        Assert.Equal("functions", Site.Json.GetProperty("tags").GetProperty("azd-service-name").GetString());
    }

    [Fact]
    public void App_IsOnlyReachedEncryptedAndDeployedToByToken()
    {
        Assert.True(Site["httpsOnly"].GetBoolean());
        Assert.Equal("1.2", Site["siteConfig", "minTlsVersion"].GetString());
        Assert.Equal("Disabled", Site["siteConfig", "ftpsState"].GetString());
        Assert.Equal(["ftp", "scm"], Infrastructure.Of(infrastructure.Public, "Microsoft.Web/sites/basicPublishingCredentialsPolicies")
            .Where(policy => !policy["allow"].GetBoolean()).Select(policy => policy.Name).Order());
    }

    [Fact]
    public void Connections_AreAddressesAndAnIdentity()
    {
        Assert.Equal(
            [
                "APPLICATIONINSIGHTS_AUTHENTICATION_STRING", "APPLICATIONINSIGHTS_CONNECTION_STRING",
                "AzureWebJobsDisableHomepage", "AzureWebJobsStorage__blobServiceUri", "AzureWebJobsStorage__clientId", "AzureWebJobsStorage__credential",
                "ImagicBudget", "ImagicMaxUnderWay", "ImagicMaxUnderWayPerCaller", "ImagicModels", "ImagicStorage__blobServiceUri", "ImagicStorage__clientId", "ImagicStorage__credential", "ImagicStorage__queueServiceUri",
            ],
            Settings.EnumerateObject().Select(setting => setting.Name).Order(StringComparer.Ordinal));
        Assert.Equal("managedidentity", Settings.GetProperty("ImagicStorage__credential").GetString());
    }

    [Fact]
    public void Platform_LeavesTheRootToThePage() => Assert.Equal("true", Settings.GetProperty("AzureWebJobsDisableHomepage").GetString());

    [Fact]
    public void Webhooks_AreSignedByWhatTheIdentityReadsInAKeyVault()
    {
        var settings = Assert.Single(Infrastructure.Of(infrastructure.Webhooks, "Microsoft.Web/sites/config"), config => config.Name == "appsettings").Properties;

        Assert.Equal("@Microsoft.KeyVault(SecretUri=https://vault.vault.azure.net/secrets/webhooks)", settings.GetProperty("IMAGIC_WEBHOOK_SECRET").GetString());
        Assert.Equal("hooks.corp", settings.GetProperty("IMAGIC_WEBHOOK_HOSTS").GetString());
        Assert.Equal(
            Site.Json.GetProperty("identity").GetProperty("userAssignedIdentities").EnumerateObject().Single().Name,
            Site["keyVaultReferenceIdentity"].GetString());
    }

    [Fact]
    public void Certificate_IsTheAddressInAKeyVault()
    {
        var settings = Assert.Single(Infrastructure.Of(infrastructure.Signing, "Microsoft.Web/sites/config"), config => config.Name == "appsettings").Properties;

        Assert.Equal("https://studio.vault.azure.net/certificates/imagic", settings.GetProperty("IMAGIC_SIGNING_CERTIFICATE").GetString());
        Assert.False(settings.TryGetProperty("IMAGIC_SIGNING_CHAIN", out _));
    }

    [Fact]
    public void EveryTrigger_HasItsConnectionInTheSettings()
    {
        using var functions = JsonDocument.Parse(File.ReadAllText(Path.Combine(BuildMetadata.FunctionApp, "functions.metadata")));
        var connections = functions.RootElement.EnumerateArray()
            .SelectMany(function => function.GetProperty("bindings").EnumerateArray())
            .Where(binding => binding.TryGetProperty("connection", out _))
            .Select(binding => binding.GetProperty("connection").GetString()!)
            .ToHashSet();

        Assert.NotEmpty(connections);
        Assert.All(connections, connection =>
        {
            Assert.True(Settings.TryGetProperty($"{connection}__queueServiceUri", out _));
            Assert.True(Settings.TryGetProperty($"{connection}__clientId", out _));
        });
    }
}

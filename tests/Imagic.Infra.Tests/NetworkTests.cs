namespace Imagic.Infra.Tests;

public class NetworkTests(Infrastructure infrastructure)
{
    private const string Environments = "Microsoft.App/managedEnvironments"; // of the workers, whom nobody calls

    private static readonly string[] Called = ["Microsoft.Storage/storageAccounts", "Microsoft.ContainerRegistry/registries", "Microsoft.Web/sites"];

    [Fact]
    public void PrivateNetwork_LeavesNoPublicAddress()
    {
        var resources = infrastructure.Private.Where(resource => Called.Append(Environments).Contains(resource.Type)).ToList();

        Assert.Equal(5, resources.Count);
        Assert.All(resources, resource => Assert.Equal("Disabled", resource["publicNetworkAccess"].GetString()));
        Assert.All(Infrastructure.Of(infrastructure.Private, "Microsoft.Storage/storageAccounts"), account => Assert.Equal("Deny", account["networkAcls", "defaultAction"].GetString()));
    }

    [Fact]
    public void PrivateNetwork_HasAnEndpointAndANameForEachOfThem()
    {
        var targets = Infrastructure.Of(infrastructure.Private, "Microsoft.Network/privateEndpoints")
            .Select(endpoint => Assert.Single(endpoint["privateLinkServiceConnections"].EnumerateArray()).GetProperty("properties"))
            .Select(target => (Id: target.GetProperty("privateLinkServiceId").GetString(), Group: target.GetProperty("groupIds")[0].GetString()))
            .ToList();

        Assert.All(infrastructure.Private.Where(resource => Called.Contains(resource.Type)), resource => Assert.Contains(targets, target => target.Id == resource.Id));
        Assert.Equal(["blob", "blob", "queue", "registry", "sites"], targets.Select(target => target.Group).Order());
        Assert.Equal(targets.Count, Infrastructure.Of(infrastructure.Private, "Microsoft.Network/privateEndpoints/privateDnsZoneGroups").Count());
        Assert.Equal(4, Infrastructure.Of(infrastructure.Private, "Microsoft.Network/privateDnsZones/virtualNetworkLinks").Count());
    }

    [Fact]
    public void PrivateNetwork_HoldsFunctionAppAndWorkers()
    {
        var site = Assert.Single(Infrastructure.Of(infrastructure.Private, "Microsoft.Web/sites"));
        var environment = Assert.Single(Infrastructure.Of(infrastructure.Private, Environments));

        Assert.EndsWith("/subnets/functions", site["virtualNetworkSubnetId"].GetString(), StringComparison.Ordinal);
        Assert.EndsWith("/subnets/workers", environment["vnetConfiguration", "infrastructureSubnetId"].GetString(), StringComparison.Ordinal);
        Assert.True(environment["vnetConfiguration", "internal"].GetBoolean());
    }

    [Fact]
    public void WithoutIt_ThereIsNoNetworkToPayFor() =>
        Assert.DoesNotContain(infrastructure.Public, resource => resource.Type.StartsWith("Microsoft.Network/", StringComparison.Ordinal));
}

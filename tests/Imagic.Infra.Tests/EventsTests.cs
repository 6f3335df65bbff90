using System.Text.Json;
using Imagic.Contracts;

namespace Imagic.Infra.Tests;

public class EventsTests(Infrastructure infrastructure)
{
    private Resource Subscription => Assert.Single(Infrastructure.Of(infrastructure.Public, "Microsoft.EventGrid/systemTopics/eventSubscriptions"));

    [Fact]
    public void Events_GoToTheQueueAndElseToTheDeadLettersByIdentity()
    {
        var delivery = Subscription["deliveryWithResourceIdentity"];
        var deadLetter = Subscription["deadLetterWithResourceIdentity"];

        Assert.Equal("StorageQueue", delivery.GetProperty("destination").GetProperty("endpointType").GetString());
        Assert.Equal(StoragePaths.StorageEvents, delivery.GetProperty("destination").GetProperty("properties").GetProperty("queueName").GetString());
        Assert.Equal("SystemAssigned", delivery.GetProperty("identity").GetProperty("type").GetString());
        Assert.Equal("events-dead-letter", deadLetter.GetProperty("deadLetterDestination").GetProperty("properties").GetProperty("blobContainerName").GetString());
        Assert.Equal("SystemAssigned", deadLetter.GetProperty("identity").GetProperty("type").GetString());
        Assert.False(Subscription.Properties.TryGetProperty("destination", out _)); // that one would be delivered with a key
    }

    [Fact]
    public void Filter_LetsCreatedBlobsOfUploadsAndBatchesPass()
    {
        var filter = Assert.Single(Subscription["filter", "advancedFilters"].EnumerateArray());

        Assert.Equal(["Microsoft.Storage.BlobCreated"], Subscription["filter", "includedEventTypes"].EnumerateArray().Select(type => type.GetString()));
        Assert.Equal("StringBeginsWith", filter.GetProperty("operatorType").GetString());
        Assert.Equal("subject", filter.GetProperty("key").GetString());
        Assert.Equal(
            new[] { StoragePaths.Uploads, StoragePaths.Batches }.Select(container => $"/blobServices/default/containers/{container}/blobs/"),
            filter.GetProperty("values").EnumerateArray().Select(value => value.GetString()));
    }

    [Fact]
    public void Subscription_ComesAfterItsRoleAssignments()
    {
        using var template = JsonDocument.Parse(infrastructure.Templates["main"]);
        var resources = template.RootElement.GetProperty("resources").GetProperty("events").GetProperty("properties").GetProperty("template").GetProperty("resources");
        var assignments = resources.EnumerateObject()
            .Where(resource => resource.Value.GetProperty("type").GetString() == "Microsoft.Authorization/roleAssignments").Select(resource => resource.Name).ToList();
        var subscription = resources.EnumerateObject().Single(resource => resource.Value.GetProperty("type").GetString()!.EndsWith("eventSubscriptions", StringComparison.Ordinal)).Value;

        Assert.Equal(2, assignments.Count);
        Assert.All(assignments, assignment => Assert.Contains(subscription.GetProperty("dependsOn").EnumerateArray(), name => name.GetString() == assignment));
    }
}

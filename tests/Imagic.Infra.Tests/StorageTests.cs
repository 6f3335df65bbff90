using System.Text.Json;
using Imagic.Contracts;
using Imagic.Contracts.Edits;
using Imagic.Contracts.Settings;

namespace Imagic.Infra.Tests;

public class StorageTests(Infrastructure infrastructure)
{
    private const string DeadLetters = "events-dead-letter";

    [Fact]
    public void EveryAccount_HasNoKeysNoPublicBlobsAndNewTls()
    {
        var accounts = Infrastructure.Of(infrastructure.Public.Concat(infrastructure.Private), "Microsoft.Storage/storageAccounts").ToList();

        Assert.Equal(4, accounts.Count);
        Assert.All(accounts, account =>
        {
            Assert.False(account["allowSharedKeyAccess"].GetBoolean());
            Assert.False(account["allowBlobPublicAccess"].GetBoolean());
            Assert.False(account["allowCrossTenantReplication"].GetBoolean());
            Assert.True(account["supportsHttpsTrafficOnly"].GetBoolean());
            Assert.Equal("TLS1_2", account["minimumTlsVersion"].GetString());
        });
    }

    [Fact]
    public void Containers_AreThoseOfStoragePaths()
    {
        var containers = Infrastructure.Of(infrastructure.Public, "Microsoft.Storage/storageAccounts/blobServices/containers").ToList();

        Assert.Equal(StoragePaths.Containers.Append(DeadLetters).Order(), containers.Where(IsOfData).Select(container => container.Name).Order());
        Assert.Equal(["app-package"], containers.Where(container => !IsOfData(container)).Select(container => container.Name));
        Assert.All(containers, container => Assert.Equal("None", container["publicAccess"].GetString()));
    }

    [Fact]
    public void DeletedBlobs_CanBeBroughtBackForSomeDays()
    {
        var service = Infrastructure.Of(infrastructure.Public, "Microsoft.Storage/storageAccounts/blobServices").Single(IsOfData);

        Assert.True(service["deleteRetentionPolicy", "enabled"].GetBoolean());
        Assert.Equal(3, service["deleteRetentionPolicy", "days"].GetInt32());
    }

    [Fact]
    public void Blobs_LetThePageOfTheFunctionAppInAndNoOther()
    {
        var services = Infrastructure.Of(infrastructure.Public, "Microsoft.Storage/storageAccounts/blobServices").ToLookup(IsOfData);
        var app = Assert.Single(Infrastructure.Of(infrastructure.Public, "Microsoft.Web/sites")).Name;

        var rule = Assert.Single(services[true].Single()["cors", "corsRules"].EnumerateArray());
        Assert.Equal([$"https://{app}.azurewebsites.net"], Texts(rule, "allowedOrigins"));
        Assert.Equal(["GET", "HEAD", "PUT"], Texts(rule, "allowedMethods"));
        Assert.Equal(["content-type", "range", "x-ms-blob-type"], Texts(rule, "allowedHeaders"));
        Assert.Equal(["content-length", "etag"], Texts(rule, "exposedHeaders"));
        Assert.All(services[false], service => Assert.DoesNotContain("cors", service.Json.GetRawText(), StringComparison.OrdinalIgnoreCase));

        static IEnumerable<string?> Texts(JsonElement rule, string name) => rule.GetProperty(name).EnumerateArray().Select(text => text.GetString());
    }

    [Fact]
    public void Queues_AreThoseOfStoragePaths()
    {
        var queues = Infrastructure.Of(infrastructure.Public, "Microsoft.Storage/storageAccounts/queueServices/queues").ToList();

        Assert.All(queues, queue => Assert.True(IsOfData(queue)));
        Assert.Equal(StoragePaths.Queues.Order(), queues.Select(queue => queue.Name).Order());
    }

    [Fact]
    public void Lifecycle_NeverTouchesWhatAnEditMayNeed()
    {
        var id = EditId.Parse("my-dog");
        var batch = new BatchReference("catalogue", "run", 1);
        string[] needed =
        [
            .. from name in new[]
               {
                   StoragePaths.Record(id), StoragePaths.Source(id), $"{id}/{StoragePaths.ResultsFolder(1)}/edited.png",
                   $"{id}/{EditStage.FineTune.Name()}/0001-000040/manifest.json", $"{id}/previews/0001.png",
               }
               select $"{StoragePaths.Edits}/{name}",
            .. from name in new[] { "catalogue.jsonl", StoragePaths.BatchReport("catalogue"), StoragePaths.BatchEnded(batch) }
               select $"{StoragePaths.Batches}/{name}",
            $"{StoragePaths.Models}/{StoragePaths.ModelManifest("emoji-64")}",
            $"{StoragePaths.Models}/{StoragePaths.ModelFile(new('a', 64))}",
        ];

        foreach (var rule in Rules())
        {
            var prefixes = rule.GetProperty("definition").GetProperty("filters").GetProperty("prefixMatch").EnumerateArray().Select(prefix => prefix.GetString()!).ToList();
            Assert.NotEmpty(prefixes); // without one, a rule matches everything
            if (!needed.Any(name => prefixes.Exists(prefix => name.StartsWith(prefix, StringComparison.Ordinal)))) continue;

            // Blobs of the cool tier are read as before; neither deleted ones nor those of the archive are.
            var actions = rule.GetProperty("definition").GetProperty("actions").EnumerateObject().SelectMany(kind => kind.Value.EnumerateObject());
            Assert.All(actions, action => Assert.Equal("tierToCool", action.Name));
        }
    }

    [Fact]
    public void Lifecycle_DeletesDroppedPicturesTicketsAndUndeliveredEvents()
    {
        var deleted = from rule in Rules()
                      where rule.GetProperty("definition").GetProperty("actions").GetProperty("baseBlob").TryGetProperty("delete", out _)
                      from prefix in rule.GetProperty("definition").GetProperty("filters").GetProperty("prefixMatch").EnumerateArray()
                      select prefix.GetString();

        Assert.Equal([$"{DeadLetters}/", $"{StoragePaths.Tickets}/", $"{StoragePaths.Uploads}/"], deleted.Order());
    }

    private static bool IsOfData(Resource resource) => !resource.Id.Contains("/sthost", StringComparison.Ordinal);

    [Fact]
    public void Lifecycle_WithEditDays_DeletesWhatHasNotChangedForSoLong()
    {
        var rule = Rules(infrastructure.Forgetful).Single(rule => rule.GetProperty("name").GetString() == "delete-edits").GetProperty("definition");

        Assert.Equal($"{StoragePaths.Edits}/", Assert.Single(rule.GetProperty("filters").GetProperty("prefixMatch").EnumerateArray()).GetString());
        Assert.Equal(90, rule.GetProperty("actions").GetProperty("baseBlob").GetProperty("delete").GetProperty("daysAfterModificationGreaterThan").GetInt32());
    }

    private JsonElement.ArrayEnumerator Rules(IReadOnlyList<Resource>? resources = null) =>
        Assert.Single(Infrastructure.Of(resources ?? infrastructure.Public, "Microsoft.Storage/storageAccounts/managementPolicies"))["policy", "rules"].EnumerateArray();
}

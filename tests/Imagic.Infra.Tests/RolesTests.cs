using System.Text.RegularExpressions;
using Imagic.Contracts;
using Imagic.Contracts.Settings;

namespace Imagic.Infra.Tests;

/// <summary>Who may do what: this table, and nothing else.</summary>
public partial class RolesTests(Infrastructure infrastructure)
{
    private const string Host = "host account";
    private const string Data = "data account";

    private static readonly Dictionary<string, string> Names = new()
    {
        ["12338af0-0e69-4776-bea7-57ae8d297424"] = "Key Vault Crypto User",
        ["21090545-7ca7-4776-b22c-e363652d74d2"] = "Key Vault Reader",
        ["7f951dda-4ed3-4680-a7ca-43fe172d538d"] = "AcrPull",
        ["ba92f5b4-2d11-453d-a403-e96b0029c9fe"] = "Storage Blob Data Contributor",
        ["b7e6dc6d-f1e8-4753-8033-0f276bb0955b"] = "Storage Blob Data Owner",
        ["2a2b9908-6ea1-4ae2-8e65-a410df84e7d1"] = "Storage Blob Data Reader",
        ["db58b8e5-c6ad-4a2a-8342-4190687cbf4a"] = "Storage Blob Delegator",
        ["3913510d-42f4-4e42-8a64-420c390055eb"] = "Monitoring Metrics Publisher",
        ["974c5e8b-45b9-4653-ba55-5f855dd0fb88"] = "Storage Queue Data Contributor",
        ["19e7f393-937e-4f77-808e-94535e297925"] = "Storage Queue Data Reader",
        ["c6a89b2d-59bc-44d0-9896-0f6e12d7b80a"] = "Storage Queue Data Message Sender",
    };

    private static IEnumerable<(string Who, string What, string Where)> Expected()
    {
        yield return ("functions", "Storage Blob Data Contributor", StoragePaths.Uploads);
        yield return ("functions", "Storage Blob Data Contributor", StoragePaths.Tickets);
        yield return ("functions", "Storage Blob Data Contributor", StoragePaths.Edits);
        yield return ("functions", "Storage Blob Data Contributor", StoragePaths.Tunings);
        yield return ("functions", "Storage Blob Data Contributor", StoragePaths.Batches);
        yield return ("functions", "Storage Blob Data Contributor", StoragePaths.Index);
        yield return ("functions", "Storage Blob Data Reader", StoragePaths.Models);
        yield return ("functions", "Storage Blob Delegator", Data);
        yield return ("functions", "Storage Blob Data Owner", Host);
        yield return ("functions", "Storage Queue Data Reader", StoragePaths.StageQueue(EditStage.Optimize));
        yield return ("functions", "Storage Queue Data Contributor", StoragePaths.StorageEvents);
        yield return ("functions", "Storage Queue Data Contributor", StoragePaths.StorageEvents + StoragePaths.PoisonSuffix);
        yield return ("functions", "Storage Queue Data Contributor", StoragePaths.Webhooks);
        yield return ("functions", "Storage Queue Data Message Sender", StoragePaths.Webhooks + StoragePaths.PoisonSuffix);
        yield return ("worker", "Storage Queue Data Message Sender", StoragePaths.Webhooks);
        yield return ("functions", "Monitoring Metrics Publisher", "telemetry");
        yield return ("worker", "Storage Blob Data Contributor", StoragePaths.Edits);
        yield return ("worker", "Storage Blob Data Contributor", StoragePaths.Tunings);
        yield return ("worker", "Storage Blob Data Contributor", StoragePaths.Batches);
        yield return ("worker", "Storage Blob Data Contributor", StoragePaths.Index);
        yield return ("worker", "Storage Blob Data Contributor", StoragePaths.Models);
        foreach (var queue in Enum.GetValues<EditStage>().Select(StoragePaths.StageQueue))
        {
            yield return ("functions", "Storage Queue Data Message Sender", queue);
            yield return ("worker", "Storage Queue Data Contributor", queue);
            yield return ("worker", "Storage Queue Data Message Sender", queue + StoragePaths.PoisonSuffix);
        }

        yield return ("pull", "AcrPull", "registry");
        yield return ("Event Grid", "Storage Queue Data Message Sender", StoragePaths.StorageEvents);
        yield return ("Event Grid", "Storage Blob Data Contributor", "events-dead-letter");
        yield return ("deployer", "Storage Blob Data Contributor", StoragePaths.Models);
    }

    [Fact]
    public void RoleAssignments_AreThoseOfTheTable()
    {
        var assigned = Infrastructure.Of(infrastructure.All, "Microsoft.Authorization/roleAssignments").Select(assignment => (
            Who: Who(assignment["principalId"].GetString()!),
            What: Names[assignment["roleDefinitionId"].GetString()!.Split('/')[^1]],
            Where: Where(assignment.Id[..assignment.Id.IndexOf("/providers/Microsoft.Authorization", StringComparison.Ordinal)])));

        Assert.Equal(Expected().Order(), assigned.Order());
    }

    [Fact]
    public void PrivateNetwork_GivesNobodyMore() => Assert.Equal(
        Infrastructure.Of(infrastructure.Public, "Microsoft.Authorization/roleAssignments").Select(assignment => assignment.Id).Order(),
        Infrastructure.Of(infrastructure.Private, "Microsoft.Authorization/roleAssignments").Select(assignment => assignment.Id).Order());

    [Fact]
    public void Certificate_IsReadAndItsKeyUsedByWhoSigns()
    {
        var before = Infrastructure.Of(infrastructure.Public, "Microsoft.Authorization/roleAssignments").Select(assignment => assignment.Id).ToHashSet();
        var added = Infrastructure.Of(infrastructure.Signing, "Microsoft.Authorization/roleAssignments").Where(assignment => !before.Contains(assignment.Id)).ToList();

        Assert.Equal(
            [("functions", "Key Vault Crypto User"), ("functions", "Key Vault Reader"), ("worker", "Key Vault Crypto User"), ("worker", "Key Vault Reader")],
            added.Select(assignment => (Who: Who(assignment["principalId"].GetString()!), What: Names[assignment["roleDefinitionId"].GetString()!.Split('/')[^1]])).Order());
        Assert.All(added, assignment => Assert.Contains("/resourceGroups/rg-vault/providers/Microsoft.KeyVault/vaults/studio'", assignment.Id, StringComparison.Ordinal));
    }

    private static string Who(string principal) =>
        principal == Infrastructure.Deployer ? "deployer"
        : principal.Contains("Microsoft.EventGrid/systemTopics", StringComparison.Ordinal) ? "Event Grid"
        : Identity().Match(principal).Groups["role"].Value;

    private static string Where(string scope) => scope.Split('/') switch
    {
        [.., "containers" or "queues", var name] => name,
        [.., "Microsoft.Storage", "storageAccounts", var name] => name.StartsWith("sthost", StringComparison.Ordinal) ? Host : Data,
        [.., "registries", _] => "registry",
        [.., "Microsoft.Insights", "components", _] => "telemetry",
        _ => scope,
    };

    [GeneratedRegex("userAssignedIdentities/id-(?<role>[a-z]+)-")]
    private static partial Regex Identity();
}

using System.Text.Json;
using Imagic.Contracts;
using Imagic.Contracts.Edits;
using Imagic.Tests;

namespace Imagic.Infra.Tests;

public class AlertsTests(Infrastructure infrastructure)
{
    [Fact]
    public void PoisonedMessages_AreFoundInTheLogOfTheQueues()
    {
        var log = Assert.Single(Infrastructure.Of(infrastructure.Public, "Microsoft.Insights/diagnosticSettings"), setting => setting.Name == "queues");

        Assert.Contains("/queueServices/default/", log.Id, StringComparison.Ordinal);
        Assert.Equal(["StorageDelete", "StorageWrite"], log["logs"].EnumerateArray().Select(category => category.GetProperty("category").GetString()).Order());
        Assert.Contains($"Queue endswith \"{StoragePaths.PoisonSuffix}\"", Query("poison-queue"), StringComparison.Ordinal);
    }

    [Fact]
    public void FailedEdits_AreFoundByWhatTheWorkerLogs()
    {
        var worker = Path.Combine(RepositoryFiles.Root, "gpu-worker", "Imagic.Worker");
        var sources = Directory.EnumerateFiles(worker, "*.cs", SearchOption.AllDirectories).Select(File.ReadAllText);

        // The placeholders of the message are members of the log's JSON.
        Assert.Single(sources, source => source.Contains("edit {EditId}: {State} {Problem}", StringComparison.Ordinal));
        Assert.Contains($"Entry.State.State) == \"{nameof(EditState.Failed)}\"", Query("failed-edits"), StringComparison.Ordinal);
        Assert.Contains("Entry.State.EditId", Query("failed-edits"), StringComparison.Ordinal);
    }

    [Fact]
    public void StalledStages_AreFoundWithoutPoisonQueues()
    {
        var query = Query("stalled-stage");

        Assert.Contains("Queue startswith \"stage-\"", query, StringComparison.Ordinal);
        Assert.Contains($"Queue !endswith \"{StoragePaths.PoisonSuffix}\"", query, StringComparison.Ordinal);
        Assert.Contains("ago(45m)", query, StringComparison.Ordinal);
        Assert.Contains("| extend Queue = extract(", query, StringComparison.Ordinal);
    }

    [Fact]
    public void Backlog_IsTheMetricThatThereIs()
    {
        var alert = Assert.Single(Infrastructure.Of(infrastructure.Public, "Microsoft.Insights/metricAlerts"));
        var criterion = Assert.Single(alert["criteria", "allOf"].EnumerateArray());

        Assert.Equal("QueueMessageCount", criterion.GetProperty("metricName").GetString());
        Assert.False(criterion.TryGetProperty("dimensions", out _)); // it has none
        Assert.EndsWith("/queueServices/default", Assert.Single(alert["scopes"].EnumerateArray()).GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public void EveryAlert_TellsTheSameGroup()
    {
        var group = Assert.Single(Infrastructure.Of(infrastructure.Public, "Microsoft.Insights/actionGroups"));
        var told = Infrastructure.Of(infrastructure.Public, "Microsoft.Insights/scheduledQueryRules")
            .Select(rule => Assert.Single(rule["actions", "actionGroups"].EnumerateArray()).GetString())
            .Concat(Infrastructure.Of(infrastructure.Public, "Microsoft.Insights/metricAlerts")
                .Select(rule => Assert.Single(rule["actions"].EnumerateArray()).GetProperty("actionGroupId").GetString()))
            .ToList();

        Assert.Equal(4, told.Count);
        Assert.All(told, id => Assert.Equal(group.Id, id));
        Assert.Equal("operator@example.com", Assert.Single(group["emailReceivers"].EnumerateArray()).GetProperty("emailAddress").GetString());
    }

    [Fact]
    public void Budget_WarnsBeforeItIsSpent()
    {
        var thresholds = Assert.Single(Infrastructure.Of(infrastructure.Public, "Microsoft.Consumption/budgets"))["notifications"].EnumerateObject()
            .Select(notification => notification.Value.GetProperty("threshold").GetInt32());

        Assert.Contains(thresholds, threshold => threshold < 100);
    }

    private string Query(string name)
    {
        var rule = Assert.Single(Infrastructure.Of(infrastructure.Public, "Microsoft.Insights/scheduledQueryRules"), rule => rule.Name == $"alert-{name}");
        Assert.True(rule["enabled"].GetBoolean());
        return Assert.Single(rule["criteria", "allOf"].EnumerateArray()).GetProperty("query").GetString()!;
    }
}

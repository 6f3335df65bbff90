using Imagic.Contracts;
using Imagic.Contracts.Settings;

namespace Imagic.Infra.Tests;

public class WorkersTests(Infrastructure infrastructure)
{
    public static TheoryData<EditStage> Stages => [.. Enum.GetValues<EditStage>()];

    [Theory]
    [MemberData(nameof(Stages))]
    public void EachStage_HasAJobThatItsQueueStartsAndAnIdentityOpens(EditStage stage)
    {
        var job = Job(stage);
        var trigger = job["configuration", "eventTriggerConfig"];
        var rule = Assert.Single(trigger.GetProperty("scale").GetProperty("rules").EnumerateArray());

        Assert.Equal("Event", job["configuration", "triggerType"].GetString());
        Assert.Equal("azure-queue", rule.GetProperty("type").GetString());
        Assert.EndsWith("/userAssignedIdentities/worker", rule.GetProperty("identity").GetString(), StringComparison.Ordinal);
        Assert.Equal(StoragePaths.StageQueue(stage), rule.GetProperty("metadata").GetProperty("queueName").GetString());
        Assert.Equal("storage", rule.GetProperty("metadata").GetProperty("accountName").GetString());
        Assert.Equal("1", rule.GetProperty("metadata").GetProperty("queueLength").GetString());
        Assert.False(rule.TryGetProperty("auth", out _)); // that is where a secret would be
        Assert.False(job["configuration"].TryGetProperty("secrets", out _));
        var queues = Infrastructure.Of(infrastructure.Public, "Microsoft.Storage/storageAccounts/queueServices/queues").Select(queue => queue.Name).ToHashSet();
        Assert.Contains(StoragePaths.StageQueue(stage), queues);
        Assert.Contains(StoragePaths.StageQueue(stage) + StoragePaths.PoisonSuffix, queues);
    }

    [Theory]
    [MemberData(nameof(Stages))]
    public void EachJob_TakesOneMessageOfItsStageAndIsTriedAgain(EditStage stage)
    {
        var job = Job(stage);
        var container = Assert.Single(job["template", "containers"].EnumerateArray());

        Assert.Equal(["--once", "--stages", stage.Name()], container.GetProperty("args").EnumerateArray().Select(argument => argument.GetString()));
        Assert.True(job["configuration", "replicaRetryLimit"].GetInt32() > 0);
        Assert.Equal(0, job["configuration", "eventTriggerConfig", "scale", "minExecutions"].GetInt32());
        Assert.InRange(job["configuration", "replicaTimeout"].GetInt32(), 3600, 86400);
    }

    [Theory]
    [MemberData(nameof(Stages))]
    public void EachWorker_IsConfiguredByNameAndNotByKey(EditStage stage)
    {
        var environment = Assert.Single(Job(stage)["template", "containers"].EnumerateArray()).GetProperty("env").EnumerateArray().ToList();

        Assert.Equal(
            ["IMAGIC_LOG", "IMAGIC_SAFETY", "IMAGIC_WATERMARK", "ImagicModels", "ImagicStorage__blobServiceUri", "ImagicStorage__clientId", "ImagicStorage__queueServiceUri"],
            environment.Select(variable => variable.GetProperty("name").GetString()).Order(StringComparer.Ordinal));
        Assert.All(environment, variable => Assert.False(variable.TryGetProperty("secretRef", out _)));
        Assert.Contains(environment, variable => variable.GetProperty("value").GetString()!.Contains("userAssignedIdentities/worker', '", StringComparison.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Stages))]
    public void EachWorker_SignsWithTheCertificateThatIsNamed(EditStage stage)
    {
        var job = Assert.Single(Infrastructure.Of(infrastructure.SigningWorkers, "Microsoft.App/jobs"), job => job.Name == $"job-{stage.Name()}");
        var environment = Assert.Single(job["template", "containers"].EnumerateArray()).GetProperty("env").EnumerateArray();

        Assert.Contains(environment, variable => variable.GetProperty("name").GetString() == "IMAGIC_SIGNING_CERTIFICATE"
            && variable.GetProperty("value").GetString() == "https://studio.vault.azure.net/certificates/imagic");
    }

    [Fact]
    public void Registry_IsOpenedByAnIdentityThatTheProgramCannotUse()
    {
        foreach (var stage in Enum.GetValues<EditStage>())
        {
            var registry = Assert.Single(Job(stage)["configuration", "registries"].EnumerateArray());
            var setting = Assert.Single(Job(stage)["configuration", "identitySettings"].EnumerateArray());

            Assert.EndsWith("/userAssignedIdentities/pull", registry.GetProperty("identity").GetString(), StringComparison.Ordinal);
            Assert.False(registry.TryGetProperty("passwordSecretRef", out _));
            Assert.Equal(registry.GetProperty("identity").GetString(), setting.GetProperty("identity").GetString());
            Assert.Equal("None", setting.GetProperty("lifecycle").GetString());
        }

        Assert.False(Assert.Single(Infrastructure.Of(infrastructure.Public, "Microsoft.ContainerRegistry/registries"))["adminUserEnabled"].GetBoolean());
    }

    [Fact]
    public void Profiles_AreThoseOfTheStagesAndHaveNoInstancesAtRest()
    {
        var profiles = Assert.Single(Infrastructure.Of(infrastructure.Public, "Microsoft.App/managedEnvironments"))["workloadProfiles"].EnumerateArray().ToList();

        Assert.All(profiles, profile =>
        {
            Assert.StartsWith("Consumption", profile.GetProperty("workloadProfileType").GetString(), StringComparison.Ordinal);
            Assert.False(profile.TryGetProperty("minimumCount", out _));
        });
        Assert.All(Enum.GetValues<EditStage>(), stage => Assert.Contains(
            profiles, profile => profile.GetProperty("name").GetString() == Job(stage)["workloadProfileName"].GetString()));
    }

    [Fact]
    public void OneJobOnly_HasTheTagByWhichAzdFindsTheService() => Assert.Single(
        infrastructure.Workers, resource => resource.Json.GetProperty("tags").TryGetProperty("azd-service-name", out var name) && name.GetString() == "gpu-worker");

    private Resource Job(EditStage stage) =>
        Assert.Single(Infrastructure.Of(infrastructure.Workers, "Microsoft.App/jobs"), job => job.Name == $"job-{stage.Name()}");
}

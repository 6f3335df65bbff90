using System.Text.Json.Nodes;
using Imagic.Tests;

namespace Imagic.Functions.Tests.Hosting;

/// <summary>What the host is asked for does not depend on the front end.</summary>
public class HostJsonTests
{
    [Fact]
    public void FrontEnds_DifferOnlyInWhoRunsTheFunctions()
    {
        var customHandler = Read("CustomHandler");
        var isolatedWorker = Read("IsolatedWorker");

        // Its extensions are in a bundle; those of the isolated worker are built into the app.
        Assert.True(customHandler.Remove("customHandler") && customHandler.Remove("extensionBundle"));
        Assert.True(JsonNode.DeepEquals(customHandler, isolatedWorker), $"{customHandler}\n{isolatedWorker}");
    }

    private static JsonObject Read(string frontEnd) => JsonNode.Parse(
        File.ReadAllText(Path.Combine(RepositoryFiles.Root, "functions", "Imagic.Functions", frontEnd, "host.json")))!.AsObject();
}

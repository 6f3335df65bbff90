using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Imagic.LocalHost.FunctionRpc;
using Imagic.Tests;

namespace Imagic.Functions.Tests.OpenApi;

public partial class ApiDocumentTests(AzuriteFixture azurite)
{
    [Fact]
    public async Task Get_DescribesEveryFunction()
    {
        await using var app = await FunctionApp.StartAsync(azurite);

        var paths = (await DocumentAsync(app))["paths"]!.AsObject();

        var told =
            from path in paths
            from call in path.Value!.AsObject()
            let parameters = call.Value!["parameters"]?.AsArray().Where(parameter => (string?)parameter!["in"] == "path").Select(parameter => (string?)parameter!["name"])
            select $"{call.Value!["operationId"]}: {call.Key} {path.Key} {string.Join(',', parameters ?? [])}";
        var functions =
            from function in app.Host.Functions.OfType<HttpFunction>()
            where function.Name != "OpenApi"
            let route = $"/api/{function.Route}".Replace("{*", "{", StringComparison.Ordinal)
            select $"{function.Name}: {function.Methods[0]} {route} {string.Join(',', Parameter().Matches(route).Select(match => match.Value))}";
        Assert.Equal(functions.Order(), told.Order());
    }

    [Fact]
    public async Task Get_TellsWhatEveryFunctionAnswers()
    {
        await using var app = await FunctionApp.StartAsync(azurite);

        var calls = (await DocumentAsync(app))["paths"]!.AsObject().SelectMany(path => path.Value!.AsObject()).Select(call => call.Value!);

        foreach (var call in calls)
        {
            Assert.NotEmpty((string)call["summary"]!);
            Assert.NotEmpty((string)Assert.Single(call["tags"]!.AsArray())!);
            var responses = call["responses"]!.AsObject();
            Assert.Contains(responses, response => response.Key[0] is '2' or '3');
            Assert.Contains(responses, response => response.Key == "503");
            Assert.All(responses.Where(response => response.Key[0] is '4' or '5'), response =>
                Assert.Equal("#/components/schemas/Problem", (string?)response.Value!["content"]!["application/problem+json"]!["schema"]!["$ref"]));
        }
    }

    [Fact]
    public async Task Get_TellsWhatAFunctionTakes()
    {
        await using var app = await FunctionApp.StartAsync(azurite);

        var document = await DocumentAsync(app);

        var start = document["paths"]!["/api/edits"]!["post"]!;
        Assert.Equal(["Idempotency-Key"], start["parameters"]!.AsArray().Select(parameter => (string?)parameter!["name"]));
        var content = start["requestBody"]!["content"]!;
        Assert.Equal("#/components/schemas/EditRequest", (string?)content["application/json"]!["schema"]!["$ref"]);
        Assert.Equal("binary", (string?)content["multipart/form-data"]!["schema"]!["properties"]!["picture"]!["format"]);
        Assert.NotEqual(true, (bool?)document["paths"]!["/api/uploads"]!["post"]!["requestBody"]!["required"]);
        Assert.Equal(
            ["state", "limit", "continuation"],
            document["paths"]!["/api/edits"]!["get"]!["parameters"]!.AsArray().Select(parameter => (string?)parameter!["name"]));
        var batch = document["paths"]!["/api/batches/{batch}"]!;
        Assert.Equal(["application/x-ndjson", "text/csv"], batch["put"]!["requestBody"]!["content"]!.AsObject().Select(type => type.Key).Order());
        Assert.Equal(
            "#/components/schemas/BatchView",
            (string?)batch["get"]!["responses"]!["200"]!["content"]!["application/json"]!["schema"]!["$ref"]);
        Assert.StartsWith("^", (string?)document["components"]!["schemas"]!["EditId"]!["pattern"], StringComparison.Ordinal);
        Assert.Equal("integer", (string?)document["components"]!["schemas"]!["EditView"]!["properties"]!["sequence"]!["type"]);
    }

    private static async Task<JsonNode> DocumentAsync(FunctionApp app) =>
        JsonNode.Parse(await app.Client.GetStringAsync("openapi.json", TestContext.Current.CancellationToken))!;

    [GeneratedRegex(@"(?<=\{)\w+")]
    private static partial Regex Parameter();
}

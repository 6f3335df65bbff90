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
            where function.Name is not ("OpenApi" or "Mcp" or "Studio" or "StudioFile")
            let route = $"/{function.Route}".Replace("{*", "{", StringComparison.Ordinal)
            select $"{function.Name}: {function.Methods[0]} {route} {string.Join(',', Parameter().Matches(route).Select(match => match.Value))}";
        Assert.Equal(functions.Order(), told.Order());
    }

    [Fact]
    public async Task Get_TellsWhatEveryFunctionAnswers()
    {
        await using var app = await FunctionApp.StartAsync(azurite);

        var calls =
            from path in (await DocumentAsync(app))["paths"]!.AsObject()
            from call in path.Value!.AsObject()
            select (Call: call.Value!, IsOpenAi: path.Key.StartsWith("/v1/", StringComparison.Ordinal));

        foreach (var (call, isOpenAi) in calls)
        {
            Assert.NotEmpty((string)call["summary"]!);
            Assert.NotEmpty((string)Assert.Single(call["tags"]!.AsArray())!);
            var responses = call["responses"]!.AsObject();
            Assert.Contains(responses, response => response.Key[0] is '2' or '3');
            Assert.Contains(responses, response => response.Key == "503");
            var isKeyed = call["security"]![0]!["functionKey"] is not null;
            Assert.Equal((string?)call["operationId"] != "Health", isKeyed);
            Assert.Equal(isKeyed, responses.ContainsKey("401"));
            Assert.All(responses.Where(response => response.Key[0] is '4' or '5' && response.Key != "401"), response =>
                Assert.Equal(
                    isOpenAi ? "#/components/schemas/OpenAiError" : "#/components/schemas/Problem",
                    (string?)response.Value!["content"]![isOpenAi ? "application/json" : "application/problem+json"]!["schema"]!["$ref"]));
        }
    }

    [Fact]
    public async Task Get_TellsWhatAFunctionTakes()
    {
        await using var app = await FunctionApp.StartAsync(azurite);

        var document = await DocumentAsync(app);

        var start = document["paths"]!["/api/edits"]!["post"]!;
        Assert.Equal(["Idempotency-Key", "Prefer"], start["parameters"]!.AsArray().Select(parameter => (string?)parameter!["name"]));
        var events = document["paths"]!["/api/edits/{editId}/events"]!["get"]!;
        Assert.Equal(["editId", "Last-Event-ID"], events["parameters"]!.AsArray().Select(parameter => (string?)parameter!["name"]));
        Assert.Equal("string", (string?)events["responses"]!["200"]!["content"]!["text/event-stream"]!["schema"]!["type"]);
        var content = start["requestBody"]!["content"]!;
        Assert.Equal("#/components/schemas/EditRequest", (string?)content["application/json"]!["schema"]!["$ref"]);
        Assert.Equal("binary", (string?)content["multipart/form-data"]!["schema"]!["properties"]!["picture"]!["format"]);
        var openAi = document["paths"]!["/v1/images/edits"]!["post"]!["requestBody"]!["content"]!["multipart/form-data"]!["schema"]!;
        Assert.Equal(["image", "prompt"], openAi["required"]!.AsArray().Select(name => (string?)name).Order());
        Assert.Equal(("binary", "string"), ((string?)openAi["properties"]!["image"]!["format"], (string?)openAi["properties"]!["size"]!["type"]));
        Assert.Equal("#/components/schemas/EditOverrides", (string?)openAi["properties"]!["settings"]!["$ref"]);
        Assert.NotNull(document["components"]!["schemas"]!["EditOverrides"]!["properties"]!["etas"]);
        Assert.Equal("string", (string?)content["multipart/form-data"]!["schema"]!["properties"]!["webhook"]!["type"]);
        Assert.NotEqual(true, (bool?)document["paths"]!["/api/uploads"]!["post"]!["requestBody"]!["required"]);
        Assert.Equal(
            ["state", "limit", "continuation"],
            document["paths"]!["/api/edits"]!["get"]!["parameters"]!.AsArray().Select(parameter => (string?)parameter!["name"]));
        var batch = document["paths"]!["/api/batches/{batch}"]!;
        Assert.Equal(["application/x-ndjson", "text/csv"], batch["put"]!["requestBody"]!["content"]!.AsObject().Select(type => type.Key).Order());
        Assert.Equal(
            "#/components/schemas/BatchView",
            (string?)batch["get"]!["responses"]!["200"]!["content"]!["application/json"]!["schema"]!["$ref"]);
        Assert.Contains("Imagic-Webhook", batch["put"]!["parameters"]!.AsArray().Select(parameter => (string?)parameter!["name"]));
        Assert.NotNull(document["components"]!["schemas"]!["EditRequest"]!["properties"]!["webhook"]);
        Assert.NotNull(document["components"]!["schemas"]!["WebhookView"]!["properties"]!["deliveredAt"]);
        Assert.StartsWith("^", (string?)document["components"]!["schemas"]!["EditId"]!["pattern"], StringComparison.Ordinal);
        Assert.Equal("integer", (string?)document["components"]!["schemas"]!["EditView"]!["properties"]!["sequence"]!["type"]);
        Assert.Equal("string", (string?)document["components"]!["schemas"]!["EditState"]!["type"]);
        Assert.Equal("string", (string?)document["components"]!["schemas"]!["EditList"]!["properties"]!["unreadable"]!["items"]!["type"]);
        foreach (var file in new[] { "/api/edits/{editId}/results/{name}", "/api/batches/{batch}/contact-sheet" })
        {
            var told = document["paths"]![file]!["get"]!["responses"]!;
            Assert.Equal("#/components/schemas/FileLink", (string?)told["200"]!["content"]!["application/json"]!["schema"]!["$ref"]);
            Assert.NotNull(told["302"]);
        }

        Assert.Equal("date-time", (string?)document["components"]!["schemas"]!["FileLink"]!["properties"]!["expires"]!["format"]);
        Assert.NotNull(document["components"]!["schemas"]!["ImageEditPicture"]!["properties"]!["b64_json"]);
    }

    private static async Task<JsonNode> DocumentAsync(FunctionApp app) =>
        JsonNode.Parse(await app.Client.GetStringAsync("openapi.json", TestContext.Current.CancellationToken))!;

    [GeneratedRegex(@"(?<=\{)\w+")]
    private static partial Regex Parameter();
}

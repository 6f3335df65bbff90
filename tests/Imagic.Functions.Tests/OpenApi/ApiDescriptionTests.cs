using System.Text.Json.Nodes;
using Imagic.Tests;

namespace Imagic.Functions.Tests.OpenApi;

public class ApiDescriptionTests(AzuriteFixture azurite)
{
    private static readonly string[] ParametersOfPost = ["Idempotency-Key"];

    [Fact]
    public async Task Get_DescribesEveryCall()
    {
        await using var app = await FunctionApp.StartAsync(azurite);

        var document = JsonNode.Parse(await app.Client.GetStringAsync("openapi.json", TestContext.Current.CancellationToken))!;

        var paths = document["paths"]!.AsObject();
        Assert.Equal(
            [
                "/api/edits", "/api/edits/{editId}", "/api/edits/{editId}/cancel", "/api/edits/{editId}/results",
                "/api/edits/{editId}/results/{name}", "/api/health", "/api/uploads",
            ],
            paths.Select(path => path.Key).Order());
        foreach (var operation in paths.SelectMany(path => path.Value!.AsObject()).Select(operation => operation.Value!))
        {
            Assert.NotEmpty((string)operation["summary"]!);
            var responses = operation["responses"]!.AsObject();
            Assert.Contains(responses, response => response.Key[0] is '2' or '3');
            Assert.All(responses.Where(response => response.Key[0] is '4' or '5'), response =>
                Assert.Equal("#/components/schemas/Problem", (string?)response.Value!["content"]!["application/problem+json"]!["schema"]!["$ref"]));
        }

        var post = paths["/api/edits"]!["post"]!;
        Assert.Equal(ParametersOfPost, post["parameters"]!.AsArray().Select(parameter => (string)parameter!["name"]!));
        var form = post["requestBody"]!["content"]!["multipart/form-data"]!["schema"]!["properties"]!;
        Assert.Equal("binary", (string?)form["picture"]!["format"]);
        Assert.Equal("integer", (string?)document["components"]!["schemas"]!["EditView"]!["properties"]!["sequence"]!["type"]);
    }
}

using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Imagic.Tests;

namespace Imagic.Functions.Tests.CustomHandler;

/// <summary>Calls functions as the Functions host does.</summary>
internal static class HostCall
{
    private static readonly string Fixtures = Path.Combine(RepositoryFiles.Root, "tests", "Imagic.Functions.Tests", "CustomHandler", "Fixtures");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static IEnumerable<string> FixtureNames =>
        Directory.EnumerateFiles(Fixtures, "*.json").Select(file => Path.GetFileNameWithoutExtension(file)).Order();

    public static byte[] Fixture(string name) => File.ReadAllBytes(Path.Combine(Fixtures, name + ".json"));

    /// <summary>The envelope of a queue message: its text quoted twice, what it holds merged into the metadata.</summary>
    public static byte[] Envelope(string text, int dequeueCount = 1) => Encoding.UTF8.GetBytes(new JsonObject
    {
        ["Data"] = new JsonObject { ["message"] = JsonSerializer.Serialize(text) },
        ["Metadata"] = new JsonObject
        {
            ["DequeueCount"] = $"{dequeueCount}",
            ["Id"] = "\"2b6c4f0a-90a1-4e0f-8f3b-6d6a1c9f1a55\"",
            ["sys"] = new JsonObject { ["MethodName"] = "OnStorageEvent" },
        },
    }.ToJsonString());

    public static Task<HttpResponseMessage> PostAsync(this FunctionApp app, string function, byte[] body, bool chunked = false)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, new Uri(app.Address, function))
        {
            Content = new ByteArrayContent(body) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") { CharSet = "utf-8" } } },
            Headers = { { "X-Azure-Functions-InvocationId", Guid.NewGuid().ToString("D") }, { "X-Azure-Functions-HostVersion", "4.1048.200" } },
        };
        if (chunked) request.Headers.TransferEncodingChunked = true;
        return app.Client.SendAsync(request, Token);
    }

    /// <summary>That the host would take the answer for a success, and would write nothing for it.</summary>
    public static async Task<string[]> AssertDoneAsync(HttpResponseMessage response)
    {
        var text = await response.Content.ReadAsStringAsync(Token);
        Assert.True(response.IsSuccessStatusCode, $"{(int)response.StatusCode}: {text}");
        Assert.Equal("application/json", response.Content.Headers.ContentType?.MediaType);
        var answer = Assert.IsType<JsonObject>(JsonNode.Parse(text));
        Assert.Equal(["Logs", "Outputs", "ReturnValue"], answer.Select(member => member.Key).Order());
        Assert.Empty(answer["Outputs"]!.AsObject());
        Assert.Null(answer["ReturnValue"]);
        return [.. answer["Logs"]!.AsArray().Select(line => (string)line!)];
    }
}

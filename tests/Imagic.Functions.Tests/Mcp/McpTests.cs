using System.Net;
using System.Text.Json.Nodes;
using Imagic.Contracts.Edits;
using Imagic.Contracts.Results;
using Imagic.Tests;
using ModelContextProtocol.Client;
using ModelContextProtocol.Protocol;

namespace Imagic.Functions.Tests.Mcp;

public class McpTests(AzuriteFixture azurite)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Tools_AreToldWithWhatTheyTake()
    {
        await using var app = await FunctionApp.StartAsync(azurite);
        await using var client = await ConnectAsync(app);

        var tools = await client.ListToolsAsync(cancellationToken: Token);

        Assert.Equal(["cancel_edit", "edit_image", "get_edit", "list_models"], tools.Select(tool => tool.Name).Order());
        var edit = JsonNode.Parse(tools.Single(tool => tool.Name == "edit_image").JsonSchema.GetRawText())!;
        Assert.Equal(["text"], edit["required"]!.AsArray().Select(name => (string?)name));
        Assert.Equal(
            ["edit_id", "model", "picture", "seeds", "settings", "source", "strengths", "text", "wait_seconds"],
            edit["properties"]!.AsObject().Select(property => property.Key).Order());
        Assert.All(edit["properties"]!.AsObject(), property => Assert.NotEmpty((string)property.Value!["description"]!));
    }

    [Fact]
    public async Task Edit_StartsOnceAndGivesItsPictures()
    {
        await using var app = await FunctionApp.StartAsync(azurite);
        await using var client = await ConnectAsync(app, "a-key");
        var arguments = new Dictionary<string, object?>
        {
            ["text"] = "a dog", ["picture"] = Convert.ToBase64String(Pictures.Cat), ["seeds"] = new[] { 3, 4 }, ["strengths"] = new[] { 0.5 }, ["edit_id"] = "dog-1", ["settings"] = new { steps = 9 },
        };

        var started = await client.CallToolAsync("edit_image", arguments, cancellationToken: Token);
        var again = await client.CallToolAsync("edit_image", arguments, cancellationToken: Token);
        var record = await app.RecordAsync("dog-1");
        var waiting = client.CallToolAsync("get_edit", new Dictionary<string, object?> { ["edit_id"] = "dog-1", ["wait_seconds"] = 30 }, cancellationToken: Token);
        await app.SucceedAsync(record.EditId, record.Settings.Sample.Seeds.Select(seed => $"{ResultManifest.PictureStem(seed, record.Settings.Suggested)}.png"));
        var ended = await waiting;

        Assert.Equal(("dog-1", "queued"), StateOf(started));
        Assert.Equal(("dog-1", "queued"), StateOf(again));
        Assert.Single(await app.MessagesAsync());
        Assert.Equal([3, 4], record.Settings.Sample.Seeds);
        Assert.Equal([0.5], record.Settings.Sample.Etas);
        Assert.Equal(9, record.Settings.Sample.Steps);
        Assert.StartsWith("key-", record.Caller, StringComparison.Ordinal);
        Assert.Equal(("dog-1", "succeeded"), StateOf(ended));
        Assert.Equal([Pictures.Cat, Pictures.Cat], ended.Content.OfType<ImageContentBlock>().Select(block => block.DecodedData.ToArray()));
    }

    [Fact]
    public async Task Get_OfManyPictures_LinksToThoseBeyondTheFirst()
    {
        await using var app = await FunctionApp.StartAsync(azurite);
        await using var client = await ConnectAsync(app);
        var record = await app.CreateRecordAsync("many", made => made with { Settings = made.Settings with { Sample = made.Settings.Sample with { Seeds = [1, 2, 3, 4, 5] } } });
        await app.SucceedAsync(record.EditId, record.Settings.Sample.Seeds.Select(seed => $"{ResultManifest.PictureStem(seed, record.Settings.Suggested)}.png"));

        var told = await client.CallToolAsync("get_edit", new Dictionary<string, object?> { ["edit_id"] = "many" }, cancellationToken: Token);

        Assert.Equal(4, told.Content.OfType<ImageContentBlock>().Count());
        var link = Assert.Single(told.Content.OfType<ResourceLinkBlock>());
        using var answer = await app.Client.GetAsync(new Uri(link.Uri), Token);
        Assert.Equal(HttpStatusCode.Redirect, answer.StatusCode);
    }

    [Fact]
    public async Task Get_OfALargePicture_LinksToIt()
    {
        await using var app = await FunctionApp.StartAsync(azurite);
        await using var client = await ConnectAsync(app);
        var record = await app.CreateRecordAsync("large");
        var name = $"{ResultManifest.PictureStem(record.Settings.Sample.Seeds[0], record.Settings.Suggested)}.png";
        await app.SucceedAsync(record.EditId, name);
        var folder = (await app.RecordAsync("large")).Results;
        await app.Account.Edits.GetBlobClient($"large/{folder}/{name}").UploadAsync(BinaryData.FromBytes(Pictures.OfLength(1_100_000)), overwrite: true, Token);

        var told = await client.CallToolAsync("get_edit", new Dictionary<string, object?> { ["edit_id"] = "large" }, cancellationToken: Token);

        Assert.Empty(told.Content.OfType<ImageContentBlock>());
        Assert.Equal($"{app.Address}api/edits/large/results/{name}", Assert.Single(told.Content.OfType<ResourceLinkBlock>()).Uri);
    }

    [Fact]
    public async Task Edit_OfAnUploadedPicture_CanBeGivenUp()
    {
        await using var app = await FunctionApp.StartAsync(azurite);
        await app.UploadAsync("cat.png", Pictures.Cat);
        await using var client = await ConnectAsync(app);

        var started = await client.CallToolAsync("edit_image", new Dictionary<string, object?> { ["text"] = "a dog", ["source"] = "cat.png" }, cancellationToken: Token);
        var id = StateOf(started).Id;
        var cancelled = await client.CallToolAsync("cancel_edit", new Dictionary<string, object?> { ["edit_id"] = id }, cancellationToken: Token);

        Assert.Equal((id, "cancelled"), StateOf(cancelled));
        Assert.Equal(EditState.Cancelled, (await app.RecordAsync(id)).State);
    }

    [Fact]
    public async Task Models_AreThoseOfTheApp()
    {
        await using var app = await FunctionApp.TakeAsync(azurite, "ImagicModels=emoji-64, sd15");
        await using var client = await ConnectAsync(app);

        var told = await client.CallToolAsync("list_models", cancellationToken: Token);

        Assert.Equal(
            ["emoji-64", "sd15"], JsonNode.Parse(TextOf(told))!.AsArray().Select(model => (string?)model!["name"]));
    }

    [Theory]
    [InlineData("edit_image", """{"text":"a dog"}""", "picture-missing: Give either the picture or its source.")]
    [InlineData("edit_image", """{"text":"a dog","picture":"%%%"}""", "invalid-picture: The picture is no base64.")]
    [InlineData("edit_image", """{"text":"a dog","picture":"aGVsbG8="}""", "not-an-image: ")]
    [InlineData("edit_image", """{"text":"a dog","source":"http://169.254.169.254/cat.png"}""", "foreign-source: ")]
    [InlineData("edit_image", """{"text":"a dog","source":"cat.png","model":"gpt-image-1"}""", "unknown-model: There is no model 'gpt-image-1' here.")]
    [InlineData("edit_image", """{"text":"a dog","source":"cat.png","settings":{"stepz":1}}""", "unknown-member: ")]
    [InlineData("get_edit", """{"edit_id":"nobodys"}""", "edit-not-found: ")]
    [InlineData("get_edit", """{"edit_id":"NO"}""", "invalid-edit-id: ")]
    [InlineData("get_edit", """{"edit_id":"nobodys","wait_seconds":61}""", "invalid-wait: wait_seconds is 61.")]
    [InlineData("cancel_edit", """{"edit_id":"nobodys"}""", "edit-not-found: ")]
    public async Task Refusal_IsASentenceForTheModel(string tool, string arguments, string start)
    {
        await using var app = await FunctionApp.StartAsync(azurite);
        await using var client = await ConnectAsync(app);

        var told = await client.CallToolAsync(
            tool, JsonNode.Parse(arguments)!.AsObject().ToDictionary(member => member.Key, object? (member) => member.Value), cancellationToken: Token);

        Assert.True(told.IsError);
        Assert.StartsWith(start, TextOf(told), StringComparison.Ordinal);
        await app.AssertNothingWrittenAsync();
    }

    [Theory]
    [InlineData("GET")]
    [InlineData("DELETE")]
    public async Task OtherMethod_IsNotAllowedAsTheProtocolWantsIt(string method)
    {
        await using var app = await FunctionApp.StartAsync(azurite);
        using var request = new HttpRequestMessage(new(method), "/mcp");

        using var response = await app.Client.SendAsync(request, Token);

        Assert.Equal(HttpStatusCode.MethodNotAllowed, response.StatusCode);
        Assert.Equal(["POST"], response.Content.Headers.Allow);
    }

    private static Task<McpClient> ConnectAsync(FunctionApp app, string? key = null) => McpClient.CreateAsync(
        new HttpClientTransport(new()
        {
            Endpoint = new(app.Address, "/mcp"),
            TransportMode = HttpTransportMode.StreamableHttp,
            AdditionalHeaders = key is null ? null : new Dictionary<string, string> { ["x-functions-key"] = key },
        }),
        cancellationToken: Token);

    private static string TextOf(CallToolResult result) => result.Content.OfType<TextContentBlock>().First().Text;

    private static (string Id, string State) StateOf(CallToolResult result)
    {
        var edit = JsonNode.Parse(TextOf(result))!;
        return ((string)edit["edit_id"]!, (string)edit["state"]!);
    }
}

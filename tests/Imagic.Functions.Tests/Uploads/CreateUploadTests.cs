using System.Net;
using System.Net.Http.Json;
using System.Text.RegularExpressions;
using System.Web;
using Azure.Storage.Blobs.Specialized;
using Imagic.Contracts;
using Imagic.Contracts.Edits;
using Imagic.Functions.Tests.StorageEvents;
using Imagic.Tests;

namespace Imagic.Functions.Tests.Uploads;

public partial class CreateUploadTests(AzuriteFixture azurite)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Post_ThenUpload_ThenStart_MakesAnEdit()
    {
        await using var app = await FunctionApp.StartAsync(azurite);
        using var anybody = new HttpClient();

        var ticket = await CreateAsync(app, """{"name":"../../My Photo.JPG"}""");
        var uploaded = await PutAsync(anybody, ticket.Url, Pictures.Cat);

        Assert.Equal(HttpStatusCode.Created, uploaded.StatusCode);
        Assert.Matches(TicketName(), ticket.Name);
        var view = await FunctionApp.ViewAsync(await app.PutAsync("cat-1", $$"""{"source":"{{ticket.Name}}","targetText":"a dog"}"""));
        Assert.Equal(Pictures.Sha256(Pictures.Cat), view.Source.Sha256);
    }

    [Fact]
    public async Task Post_Ticket_LetsCreateOneBlobOnceAndNothingElse()
    {
        await using var app = await FunctionApp.StartAsync(azurite);
        using var anybody = new HttpClient();
        var ticket = await CreateAsync(app, """{"name":"cat.png"}""");
        await app.Account.Tickets.UploadBlobAsync("other.png", BinaryData.FromBytes(Pictures.Heart), Cancellation);
        var otherBlob = ticket.Url.Replace(ticket.Name, "tickets/other.png", StringComparison.Ordinal);
        var newBlob = ticket.Url.Replace("/cat.png", "/new.png", StringComparison.Ordinal);

        var key = HttpUtility.ParseQueryString(new Uri(ticket.Url).Query);
        Assert.Equal(("c", "b"), (key["sp"], key["sr"]));
        Assert.InRange(ticket.Expires - TimeProvider.System.GetUtcNow(), TimeSpan.FromMinutes(14), TimeSpan.FromMinutes(15));
        Assert.Equal(HttpStatusCode.Forbidden, (await PutAsync(anybody, otherBlob, Pictures.Cat)).StatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, (await PutAsync(anybody, newBlob, Pictures.Cat)).StatusCode);
        Assert.Equal(HttpStatusCode.Created, (await PutAsync(anybody, ticket.Url, Pictures.Cat)).StatusCode);

        Assert.False((await PutAsync(anybody, ticket.Url, Pictures.Heart)).IsSuccessStatusCode);
        Assert.False((await anybody.GetAsync(ticket.Url, Cancellation)).IsSuccessStatusCode);
        Assert.False((await anybody.DeleteAsync(ticket.Url, Cancellation)).IsSuccessStatusCode);
        var stored = await app.Account.Tickets.GetBlobClient(ticket.Name["tickets/".Length..]).DownloadContentAsync(Cancellation);
        Assert.Equal(Pictures.Cat, stored.Value.Content.ToArray());
    }

    [Theory]
    [InlineData(null, "picture")]
    [InlineData("{}", "picture")]
    [InlineData("""{"name":"photo"}""", "photo")]
    [InlineData("""{"name":"pets\\my ü.png"}""", "my ü.png")]
    [InlineData("""{"name":".."}""", "picture")]
    public async Task Post_GivesANameInAFolderOfItsOwn(string? json, string name)
    {
        await using var app = await FunctionApp.StartAsync(azurite);

        var ticket = await CreateAsync(app, json);

        var parts = ticket.Name.Split('/');
        Assert.Equal(("tickets", name), (parts[0], parts[2]));
        Assert.True(Guid.TryParse(parts[1], out _));
        using var anybody = new HttpClient();
        Assert.Equal(HttpStatusCode.Created, (await PutAsync(anybody, ticket.Url, Pictures.Cat)).StatusCode);
        Assert.True(await app.Account.Tickets.GetBlobClient($"{parts[1]}/{parts[2]}").ExistsAsync(Cancellation));
    }

    [Theory]
    [InlineData("""{"name":"cat.json"}""", 415, "unsupported-format")]
    [InlineData("""{"name":"cat.png.exe"}""", 415, "unsupported-format")]
    [InlineData("""{"file":"cat.png"}""", 400, "unknown-member")]
    [InlineData("""{"name":3}""", 400, "invalid-member")]
    [InlineData("cat.png", 400, "invalid-json")]
    public async Task Post_OfWhatIsNoPicture_IsRefused(string json, int status, string code)
    {
        await using var app = await FunctionApp.StartAsync(azurite);

        await FunctionApp.AssertProblemAsync(await app.Client.PostAsync("uploads", FunctionApp.JsonBody(json), Cancellation), status, code);
    }

    [Fact]
    public async Task Post_OfAnotherType_IsRefused()
    {
        await using var app = await FunctionApp.StartAsync(azurite);
        using var body = new ByteArrayContent(Pictures.Cat);

        await FunctionApp.AssertProblemAsync(await app.Client.PostAsync("uploads", body, Cancellation), 415, "unsupported-media-type");
    }

    [Fact]
    public async Task Post_OfTextInAnotherEncoding_IsRefused()
    {
        await using var app = await FunctionApp.StartAsync(azurite);
        using var body = new ByteArrayContent("{}"u8.ToArray()) { Headers = { { "Content-Type", "application/json; charset=utf-7" } } };

        await FunctionApp.AssertProblemAsync(await app.Client.PostAsync("uploads", body, Cancellation), 415, "unsupported-charset");
    }

    [Fact]
    public async Task Upload_ByKey_StartsNothingWhateverItsMetadataAndEventsSay()
    {
        await using var app = await FunctionApp.StartAsync(azurite);
        using var anybody = new HttpClient();
        var ticket = await CreateAsync(app, """{"name":"cat.png"}""");

        var uploaded = await PutAsync(
            anybody, ticket.Url, Pictures.Cat,
            ("targettext", "a dog"), ("model", "emoji-64"), ("settings", """{"steps":1000,"seeds":[1,2,3]}"""));

        Assert.Equal(HttpStatusCode.Created, uploaded.StatusCode);
        await app.DeliverAsync("tickets", ticket.Name["tickets/".Length..]);
        await app.DeliverAsync("uploads", ticket.Name);
        await app.AssertNothingWrittenAsync();
        Assert.Null(await app.Account.Tickets.ProblemAsync(ticket.Name["tickets/".Length..]));
        Assert.Null(await app.Account.Uploads.ProblemAsync(ticket.Name));
    }

    [Theory]
    [InlineData("tickets", "page", 400, "wrong-blob-type")]
    [InlineData("tickets", "append", 400, "wrong-blob-type")]
    [InlineData("tickets", "large", 413, "picture-too-large")]
    [InlineData("tickets", "empty", 415, "not-an-image")]
    [InlineData("uploads", "page", 400, "wrong-blob-type")]
    [InlineData("uploads", "append", 400, "wrong-blob-type")]
    public async Task Start_OfWhatIsNoPictureByKindOrLength_IsRefused(string container, string kind, int status, string code)
    {
        await using var app = await FunctionApp.StartAsync(azurite);
        var pictures = app.Account.Blobs.GetBlobContainerClient(container);
        using var content = new MemoryStream(kind == "empty" ? [] : Pictures.Cat);
        switch (kind)
        {
            case "page":
                await pictures.GetPageBlobClient("a.png").CreateAsync(1L << 30, cancellationToken: Cancellation);
                break;
            case "append":
                await pictures.GetAppendBlobClient("a.png").CreateAsync(cancellationToken: Cancellation);
                await pictures.GetAppendBlobClient("a.png").AppendBlockAsync(content, cancellationToken: Cancellation);
                break;
            case "large":
                await pictures.UploadBlobAsync("a.png", BinaryData.FromBytes(Pictures.OfLength((64 * 1024 * 1024) + 1)), Cancellation);
                break;
            default:
                await pictures.UploadBlobAsync("a.png", content, Cancellation);
                break;
        }

        var source = container == "tickets" ? "tickets/a.png" : "a.png";
        await FunctionApp.AssertProblemAsync(await app.PutAsync("cat-1", $$"""{"source":"{{source}}","targetText":"a dog"}"""), status, code);
        await app.AssertNothingWrittenAsync();
    }

    private static async Task<UploadTicket> CreateAsync(FunctionApp app, string? json)
    {
        var response = await app.Client.PostAsync("uploads", json is null ? null : FunctionApp.JsonBody(json), Cancellation);
        Assert.Equal(HttpStatusCode.Created, response.StatusCode);
        return (await response.Content.ReadFromJsonAsync(ContractsJsonContext.Default.UploadTicket, Cancellation))!;
    }

    private static async Task<HttpResponseMessage> PutAsync(
        HttpClient client, string address, byte[] bytes, params (string Name, string Value)[] metadata)
    {
        using var request = new HttpRequestMessage(HttpMethod.Put, address) { Content = new ByteArrayContent(bytes) };
        request.Headers.Add("x-ms-blob-type", "BlockBlob");
        foreach (var (name, value) in metadata) request.Headers.Add($"x-ms-meta-{name}", value);
        return await client.SendAsync(request, Cancellation);
    }

    [GeneratedRegex(@"\Atickets/[0-9a-f-]{36}/My Photo\.JPG\z")]
    private static partial Regex TicketName();
}

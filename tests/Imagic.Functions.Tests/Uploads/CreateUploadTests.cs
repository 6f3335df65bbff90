using System.Net;
using System.Net.Http.Json;
using System.Text.RegularExpressions;
using System.Web;
using Imagic.Contracts;
using Imagic.Contracts.Edits;
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
        await app.UploadAsync("other.png", Pictures.Heart);
        var ticket = await CreateAsync(app, """{"name":"cat.png"}""");
        var otherBlob = ticket.Url.Replace(ticket.Name, "other.png", StringComparison.Ordinal);
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
        var stored = await app.Account.Uploads.GetBlobClient(ticket.Name).DownloadContentAsync(Cancellation);
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

        Assert.Equal(name, ticket.Name.Split('/')[1]);
        Assert.True(Guid.TryParse(ticket.Name.Split('/')[0], out _));
        using var anybody = new HttpClient();
        Assert.Equal(HttpStatusCode.Created, (await PutAsync(anybody, ticket.Url, Pictures.Cat)).StatusCode);
        Assert.True(await app.Account.Uploads.GetBlobClient(ticket.Name).ExistsAsync(Cancellation));
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

    private static async Task<UploadTicket> CreateAsync(FunctionApp app, string? json)
    {
        var response = await app.Client.PostAsync("uploads", json is null ? null : FunctionApp.JsonBody(json), Cancellation);
        Assert.Equal(HttpStatusCode.Created, response.StatusCode);
        return (await response.Content.ReadFromJsonAsync(ContractsJsonContext.Default.UploadTicket, Cancellation))!;
    }

    private static async Task<HttpResponseMessage> PutAsync(HttpClient client, string address, byte[] bytes)
    {
        using var request = new HttpRequestMessage(HttpMethod.Put, address) { Content = new ByteArrayContent(bytes) };
        request.Headers.Add("x-ms-blob-type", "BlockBlob");
        return await client.SendAsync(request, Cancellation);
    }

    [GeneratedRegex(@"\A[0-9a-f-]{36}/My Photo\.JPG\z")]
    private static partial Regex TicketName();
}

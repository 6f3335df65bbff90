using System.Net;
using System.Text;
using Imagic.Functions.Tests.StorageEvents;
using Imagic.Storage.Batches;
using Imagic.Tests;

namespace Imagic.Functions.Tests.Batches;

public class StartBatchTests(AzuriteFixture azurite)
{
    private const string JsonLines = "application/x-ndjson";
    private const string Csv = "text/csv";
    private const string Line = """{"source":"cat.png","targetText":"a smiling cat"}""";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(JsonLines, Line, "my pets.jsonl")]
    [InlineData("text/csv; charset=utf-8", "source,targetText\ncat.png,a smiling cat\n", "my pets.csv")]
    public async Task Put_OfAManifest_IsAsDroppingIt(string type, string manifest, string blob)
    {
        await using var app = await FunctionApp.StartAsync(azurite);
        await app.UploadAsync("cat.png", Pictures.Cat);

        var response = await PutAsync(app, "my%20pets", type, manifest);
        await app.DeliverAsync("batches", blob);

        Assert.Equal((HttpStatusCode.Accepted, "/api/batches/my%20pets"), (response.StatusCode, response.Headers.Location?.ToString()));
        var (report, _) = await app.ReportAsync("my pets");
        Assert.Equal((blob, "a smiling cat"), (report.Manifest, Assert.Single(report.Accepted).TargetText));
    }

    [Fact]
    public async Task Put_Repeated_ChangesNothing()
    {
        await using var app = await FunctionApp.StartAsync(azurite);
        await PutAsync(app, "pets", JsonLines, Line);
        var before = await ETagAsync(app, "pets.jsonl");

        var again = await PutAsync(app, "pets", JsonLines, Line);

        Assert.Equal(HttpStatusCode.Accepted, again.StatusCode);
        Assert.Equal(before, await ETagAsync(app, "pets.jsonl"));
    }

    [Theory]
    [InlineData(JsonLines, Line + "\n" + Line)]
    [InlineData(Csv, "source,targetText\ncat.png,a smiling cat\n")]
    public async Task Put_OfAnotherManifestUnderTheName_IsRefused(string type, string other)
    {
        await using var app = await FunctionApp.StartAsync(azurite);
        await app.UploadAsync("cat.png", Pictures.Cat);
        await PutAsync(app, "pets", JsonLines, Line);
        await app.DeliverAsync("batches", "pets.jsonl");
        var before = await app.NamesAsync();

        await FunctionApp.AssertProblemAsync(await PutAsync(app, "pets", type, other), 409, "batch-exists");

        Assert.Equal(before, await app.NamesAsync());
    }

    [Theory]
    [InlineData("pets", "application/json", 415, "unsupported-media-type")]
    [InlineData("pets", null, 415, "unsupported-media-type")]
    [InlineData("a%2Fb", Csv, 400, "invalid-batch-name")]
    [InlineData("a%5Cb", Csv, 400, "invalid-batch-name")]
    [InlineData("a.", Csv, 400, "invalid-batch-name")]
    public async Task Put_OfWhatIsNoBatch_WritesNothing(string name, string? type, int status, string code)
    {
        await using var app = await FunctionApp.StartAsync(azurite);

        await FunctionApp.AssertProblemAsync(await PutAsync(app, name, type, Line), status, code);

        Assert.Empty(await app.NamesAsync());
    }

    [Fact]
    public async Task Put_OfTheLargestManifest_IsTakenAndOfOneByteMoreRefused()
    {
        await using var app = await FunctionApp.StartAsync(azurite);
        var largest = Line + new string(' ', ManifestReader.MaxBytes - Line.Length);

        var taken = await PutAsync(app, "large", JsonLines, largest);
        var refused = await PutAsync(app, "larger", JsonLines, largest + " ");

        Assert.Equal(HttpStatusCode.Accepted, taken.StatusCode);
        await FunctionApp.AssertProblemAsync(refused, 413, "manifest-too-large");
        Assert.Equal(["large.jsonl"], await app.NamesAsync());
    }

    private static async Task<HttpResponseMessage> PutAsync(FunctionApp app, string name, string? type, string manifest)
    {
        using var content = new ByteArrayContent(Encoding.UTF8.GetBytes(manifest));
        if (type is not null) content.Headers.TryAddWithoutValidation("Content-Type", type);
        return await app.Client.PutAsync($"batches/{name}", content, Token);
    }

    private static async Task<string> ETagAsync(FunctionApp app, string blob) =>
        (await app.Account.Batches.GetBlobClient(blob).GetPropertiesAsync(cancellationToken: Token)).Value.ETag.ToString();
}

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

        var response = await PutAsync(app, Uri.EscapeDataString(blob), type, manifest);
        await app.DeliverAsync("batches", blob);

        Assert.Equal((HttpStatusCode.Accepted, $"/api/batches/{Uri.EscapeDataString(blob)}"), (response.StatusCode, response.Headers.Location?.ToString()));
        var (report, _) = await app.ReportAsync(blob);
        Assert.Equal((blob, "a smiling cat"), (report.Manifest, Assert.Single(report.Accepted).TargetText));
    }

    [Fact]
    public async Task Put_Repeated_ChangesNothing()
    {
        await using var app = await FunctionApp.StartAsync(azurite);
        await PutAsync(app, "pets.jsonl", JsonLines, Line);
        var before = await ETagAsync(app, "pets.jsonl");

        var again = await PutAsync(app, "pets.jsonl", JsonLines, Line);

        Assert.Equal(HttpStatusCode.Accepted, again.StatusCode);
        Assert.Equal(before, await ETagAsync(app, "pets.jsonl"));
    }

    [Fact]
    public async Task Put_OfNamesThatDifferInTheirEnding_AreTwoBatches()
    {
        await using var app = await FunctionApp.StartAsync(azurite);
        await app.UploadAsync("cat.png", Pictures.Cat);

        await PutAsync(app, "pets.jsonl", JsonLines, Line);
        await PutAsync(app, "pets.csv", Csv, "source,targetText\ncat.png,a sleeping cat\n");
        foreach (var name in new[] { "pets.jsonl", "pets.csv", "pets.jsonl" }) await app.DeliverAsync("batches", name);

        Assert.Equal("a smiling cat", Assert.Single((await app.ReportAsync("pets.jsonl")).Report.Accepted).TargetText);
        Assert.Equal("a sleeping cat", Assert.Single((await app.ReportAsync("pets.csv")).Report.Accepted).TargetText);
    }

    [Theory]
    [InlineData(".csv", ".csv")]
    [InlineData("...csv", "...csv")]
    [InlineData("a.CSV", "a.CSV")]
    public async Task Put_OfANameThatIsLittleButItsEnding_IsABatchAsAnyOther(string name, string folder)
    {
        await using var app = await FunctionApp.StartAsync(azurite);
        await app.UploadAsync("cat.png", Pictures.Cat);

        await PutAsync(app, name, Csv, "source,targetText\ncat.png,a smiling cat\n");
        await app.DeliverAsync("batches", name);

        Assert.Single((await app.ReportAsync(folder)).Report.Accepted);
        Assert.Equal(HttpStatusCode.OK, (await app.GetAsync($"batches/{name}")).StatusCode);
    }

    [Fact]
    public async Task Put_OfAnotherManifestUnderTheName_IsRefused()
    {
        const string other = Line + "\n" + Line;
        await using var app = await FunctionApp.StartAsync(azurite);
        await app.UploadAsync("cat.png", Pictures.Cat);
        await PutAsync(app, "pets.jsonl", JsonLines, Line);
        await app.DeliverAsync("batches", "pets.jsonl");
        var before = await app.NamesAsync();

        await FunctionApp.AssertProblemAsync(await PutAsync(app, "pets.jsonl", JsonLines, other), 409, "batch-exists");

        Assert.Equal(before, await app.NamesAsync());
    }

    [Theory]
    [InlineData("pets.csv", "application/json", 415, "unsupported-media-type")]
    [InlineData("pets.csv", JsonLines, 415, "unsupported-media-type")]
    [InlineData("pets.jsonl", Csv, 415, "unsupported-media-type")]
    [InlineData("pets.csv", "text/csv; charset=utf-7", 415, "unsupported-charset")]
    [InlineData("pets.csv", "text/csv; charset=\"iso-8859-1\"", 415, "unsupported-charset")]
    [InlineData("pets.csv", null, 415, "unsupported-media-type")]
    [InlineData("pets", Csv, 400, "invalid-batch-name")]
    [InlineData("report.json", Csv, 400, "invalid-batch-name")]
    [InlineData("a%2Fb.csv", Csv, 400, "invalid-batch-name")]
    [InlineData("a%5Cb.csv", Csv, 400, "invalid-batch-name")]
    [InlineData("a.csv.", Csv, 400, "invalid-batch-name")]
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

        var taken = await PutAsync(app, "large.jsonl", JsonLines, largest);
        var refused = await PutAsync(app, "larger.jsonl", JsonLines, largest + " ");

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

using System.Net.Http.Headers;
using System.Text.RegularExpressions;

namespace Imagic.Studio.Tests;

/// <summary>The page itself, whatever it shows.</summary>
public partial class PageTests(StudioFixture studio) : StudioTest(studio)
{
    // Of all its files, as they travel.
    private const int MostBytes = 150_000;

    [Theory]
    [InlineData(Device.Desktop)]
    [InlineData(Device.Phone)]
    public async Task FirstScreen_IsThereAndForEverybody(Device device)
    {
        var page = await OpenAsync(device);

        await Assertions.Expect(page.Page.GetByRole(AriaRole.Navigation)).ToBeVisibleAsync();
        await Assertions.Expect(page.Page).ToHaveTitleAsync("Imagic Studio");
        var (shown, there) = (await page.Page.EvaluateAsync<int>("innerWidth"), await page.Page.EvaluateAsync<int>("document.documentElement.scrollWidth"));
        Assert.True(there <= shown, $"The page is {there} px wide, and {shown} px can be seen.");
        await page.AssertAccessibleAsync();
        Assert.Contains(page.Requests, request => request.Url.EndsWith(".js", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Page_HasNothingInline()
    {
        using var client = new HttpClient();

        var html = await client.GetStringAsync(Studio.Server, Cancellation);

        Assert.Contains("<script ", html, StringComparison.Ordinal);
        Assert.DoesNotMatch(Inline(), html);
    }

    [Fact]
    public async Task AllItsFiles_AreSmall()
    {
        var configuration = Path.GetFileName(AppContext.BaseDirectory.TrimEnd('/'));
        var folder = Path.Combine(AppContext.BaseDirectory, "..", "..", "Imagic.Functions", configuration, "studio");
        using var client = new HttpClient();
        client.DefaultRequestHeaders.AcceptEncoding.Add(new StringWithQualityHeaderValue("br"));
        var bytes = 0;

        foreach (var file in Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories))
            bytes += (await client.GetByteArrayAsync($"{Studio.Server}/studio/{Path.GetRelativePath(folder, file)}", Cancellation)).Length;

        TestContext.Current.TestOutputHelper?.WriteLine($"{bytes} bytes");
        Assert.InRange(bytes, 1, MostBytes);
    }

    /// <summary>What flows rely on: a picture goes to the storage account and comes back from there, by the page's own calls.</summary>
    [Fact]
    public async Task Page_ReachesItsStorageByTheAddressesOfTheApi()
    {
        var edit = await Studio.Edits.DoneAsync();
        var page = await OpenAsync();

        var status = await page.Page.EvaluateAsync<int>(
            """
            async () => {
              const ticket = await (await fetch('/api/uploads', { method: 'POST' })).json();
              const headers = { 'x-ms-blob-type': 'BlockBlob', 'content-type': 'image/png' };
              return (await fetch(ticket.url, { method: 'PUT', headers, body: new Blob(['picture']) })).status;
            }
            """);
        var report = await page.Page.EvaluateAsync<string>("async id => (await fetch(`/api/edits/${id}/results/report.html`)).text()", edit.EditId.ToString());

        Assert.Equal(201, status);
        Assert.Contains("a heart of glass", report, StringComparison.Ordinal);
        Assert.Contains(page.Requests, request => request.Method == "PUT" && request.Url.StartsWith(Studio.Storage, StringComparison.Ordinal));
    }

    [GeneratedRegex(@"<script(?![^>]* src=)|<style|\sstyle=|\son\w+=|https?://", RegexOptions.IgnoreCase)]
    private static partial Regex Inline();
}

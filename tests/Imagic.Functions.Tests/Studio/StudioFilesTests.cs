using System.IO.Compression;
using System.Text;
using Imagic.Functions.Studio;
using Imagic.Storage;
using Imagic.Tests;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Imagic.Functions.Tests.Studio;

/// <summary>What is made of the folder that a build leaves.</summary>
public sealed class StudioFilesTests : IDisposable
{
    private static readonly StorageAccount Account = new(new StorageOptions { BlobServiceUri = new("https://store.example/"), QueueServiceUri = new("https://queues.example/") });

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Find_KnowsTheFilesOfTheFolderByTheirNames()
    {
        Write("index.html", "page");
        Write("assets/index-1a2b.js", new string('a', 1000));
        Write("deep/er/icon.svg", "<svg/>");
        var files = new StudioFiles(_folder.Path);

        var script = files.Find("assets/index-1a2b.js")!;
        Assert.Equal(("text/javascript; charset=utf-8", true), (script.MediaType, script.IsHashed));
        Assert.InRange(script.Compressed!.Length, 1, 100);
        using var unpacked = new BrotliStream(new MemoryStream(script.Compressed), CompressionMode.Decompress);
        Assert.Equal(new string('a', 1000), new StreamReader(unpacked).ReadToEnd());
        Assert.Equal(("image/svg+xml", false), (files.Find("deep/er/icon.svg")!.MediaType, files.Find("deep/er/icon.svg")!.IsHashed));
        Assert.Null(files.Find("page")); // longer when compressed
        Assert.Null(files.Find("index.html")!.Compressed);
        Assert.Null(files.Find("../index.html"));
        Assert.Null(files.Find(Path.Combine(_folder.Path, "index.html")));
        Assert.Null(files.Find("assets"));
    }

    [Fact]
    public async Task Page_ThatIsNotBuilt_SaysWhatToDo()
    {
        var files = new StudioFiles(Path.Combine(_folder.Path, "none"));
        var context = new DefaultHttpContext { RequestServices = new ServiceCollection().AddLogging().BuildServiceProvider() };
        context.Response.Body = new MemoryStream();

        await new StudioFunctions(files, new StudioHeaders(Account)).Get(context.Request).ExecuteAsync(context);

        var text = Encoding.UTF8.GetString(((MemoryStream)context.Response.Body).ToArray());
        Assert.Equal((503, "text/html; charset=utf-8", "no-store"), (context.Response.StatusCode, context.Response.ContentType, context.Response.Headers.CacheControl.ToString()));
        Assert.Contains("Install <a href=\"https://nodejs.org\">Node.js</a> 18 or newer.", text, StringComparison.Ordinal);
        Assert.Contains("Build again", text, StringComparison.Ordinal);
        Assert.Contains("img-src 'self' blob: data: https://store.example;", context.Response.Headers.ContentSecurityPolicy.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Folder_WithoutItsPage_IsTakenForNone()
    {
        Write("assets/index-1a2b.js", "a");

        Assert.Null(new StudioFiles(_folder.Path).Find("assets/index-1a2b.js"));
    }

    private void Write(string name, string text)
    {
        var path = Path.Combine(_folder.Path, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
    }
}

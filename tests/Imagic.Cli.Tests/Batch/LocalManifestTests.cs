using System.Text;
using Imagic.Cli.Batch;
using Imagic.Contracts;
using Imagic.Tests;

namespace Imagic.Cli.Tests.Batch;

public sealed class LocalManifestTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public LocalManifestTests()
    {
        Directory.CreateDirectory(Path.Combine(_folder.Path, "pets", "deep"));
        foreach (var name in new[] { "cat.png", "pets/cat.png", "pets/deep/dog, old.png" }) File.WriteAllText(Path.Combine(_folder.Path, name), name);
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Render_OfJsonLines_RenamesPicturesThatAreThereAndKeepsAllElse()
    {
        var manifest = await ReadAsync("m.jsonl", "{\"source\":\"cat.png\",\"targetText\":\"a\"}\r\n\nnot json\n{\"source\":\"gone.png\"}\n{\"source\":1}\n{\"targetText\":\"b\", \"source\":\"deep/dog, old.png\"}");

        Assert.Equal(
            "{\"source\":\"U/cat.png\",\"targetText\":\"a\"}\r\n\nnot json\n{\"source\":\"gone.png\"}\n{\"source\":1}\n{\"targetText\":\"b\", \"source\":\"U/dog, old.png\"}",
            Render(manifest));
        Assert.Equal([PathOf("pets/cat.png"), PathOf("pets/deep/dog, old.png")], manifest.Pictures);
        Assert.Equal(["cat.png", "", "deep/dog, old.png"], new[] { 1, 3, 6 }.Select(manifest.SourceOf));
    }

    [Theory]
    [InlineData("source,targetText\ncat.png,\"a, \"\"b\"\"\"\n\n\"deep/dog, old.png\",c\ngone.png,d\n", "source,targetText\n\"U/cat.png\",\"a, \"\"b\"\"\"\n\n\"U/dog, old.png\",c\ngone.png,d\n")]
    [InlineData("\uFEFF\r\ntargetText;Source\r\n\"two\r\nlines\";cat.png\r\nb;cat.png", "\uFEFF\r\ntargetText;Source\r\n\"two\r\nlines\";\"U/cat.png\"\r\nb;\"U/cat.png\"")]
    [InlineData("source,targetText\ncat.png,\"never closed\ncat.png,x", "source,targetText\n\"U/cat.png\",\"never closed\ncat.png,x")]
    public async Task Render_OfCsv_RenamesOnlyTheColumnSource(string text, string expected) =>
        Assert.Equal(expected, Render(await ReadAsync("m.csv", text)));

    [Fact]
    public async Task Pictures_NamedInSeveralWays_AreUploadedOnce()
    {
        var manifest = await ReadAsync("m.jsonl", "{\"source\":\"cat.png\"}\n{\"source\":\"../cat.png\"}\n{\"source\":\"./deep/../cat.png\"}");

        Assert.Equal([PathOf("pets/cat.png"), PathOf("cat.png")], manifest.Pictures);
    }

    [Fact]
    public async Task BatchName_OfTheSameContent_IsTheSameAndChangesWithAPicture()
    {
        const string Text = "{\"source\":\"cat.png\"}";
        var first = (await ReadAsync("my pets.jsonl", Text)).BatchName(1);
        var second = (await ReadAsync("my pets.jsonl", Text)).BatchName(1);
        await File.WriteAllTextAsync(PathOf("pets/cat.png"), "another", TestContext.Current.CancellationToken);
        var third = (await ReadAsync("my pets.jsonl", Text)).BatchName(1);

        Assert.Equal(first, second);
        Assert.NotEqual(first, third);
        Assert.Matches(@"^my-pets-[0-9a-f]{12}\.jsonl$", first);
    }

    [Theory]
    [InlineData("m.txt", "", "must end in .jsonl")]
    [InlineData("m.csv", "targetText\na\n", "no line that names a picture")]
    [InlineData("m.jsonl", "\n\n", "no lines that ask for an edit")]
    public async Task Read_OfSomethingElse_SaysWhat(string name, string text, string sentence)
    {
        var exception = await Assert.ThrowsAsync<BadInputException>(() => ReadAsync(name, text));

        Assert.Contains(sentence, exception.Message, StringComparison.Ordinal);
    }

    private static string Render(LocalManifest manifest) =>
        Encoding.UTF8.GetString(manifest.Render(manifest.Pictures.ToDictionary(path => path, path => $"U/{Path.GetFileName(path)}")));

    private string PathOf(string name) => Path.Combine(_folder.Path, name);

    private async Task<LocalManifest> ReadAsync(string name, string text)
    {
        var path = PathOf($"pets/{name}");
        await File.WriteAllTextAsync(path, text, TestContext.Current.CancellationToken);
        return await LocalManifest.ReadAsync(path, TestContext.Current.CancellationToken);
    }
}

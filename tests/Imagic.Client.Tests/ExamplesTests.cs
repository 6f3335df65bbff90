using System.Text.RegularExpressions;
using Imagic.Contracts.Results;
using Imagic.Functions.Tests;
using Imagic.Tests;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;

#pragma warning disable MEAI001

namespace Imagic.Client.Tests;

/// <summary>The page shows what is compiled here, and it does what the page says.</summary>
public partial class ExamplesTests(AzuriteFixture azurite)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("docs/api.md", "## From .NET", 6)]
    [InlineData("functions/Imagic.Client/README.md", "# Imagic.Client", 1)]
    public void Page_ShowsTheExamplesAsTheyAre(string page, string heading, int count)
    {
        var text = File.ReadAllText(Path.Combine(RepositoryFiles.Root, page));
        var section = text[text.IndexOf(heading, StringComparison.Ordinal)..];
        var end = section.IndexOf("\n## ", 1, StringComparison.Ordinal);
        var shown = Block().Matches(end < 0 ? section : section[..end]).Select(match => match.Groups["code"].Value).ToArray();
        var source = File.ReadAllText(Path.Combine(RepositoryFiles.Root, "tests", "Imagic.Client.Tests", "Examples.cs"));
        var compiled = Region().Matches(source).Select(match => Indent().Replace(match.Groups["code"].Value, "")).ToArray();

        Assert.Equal(compiled.Take(count), shown);
    }

    [Fact]
    public async Task Edit_WritesThePicture()
    {
        await using var app = await FunctionApp.StartAsync(azurite);
        using var client = app.NewClient();
        using var folder = new TemporaryFolder();
        var (photo, edited) = (Path.Combine(folder.Path, "dog.png"), Path.Combine(folder.Path, "edited.png"));
        await File.WriteAllBytesAsync(photo, Pictures.Heart, Token);

        var editing = Examples.EditAsync(app.Address, null, photo, edited, Token);
        await app.SucceedAsync((await FinishedEdit.FirstAsync(client)).EditId, ResultManifest.SuggestedFile);
        await editing;

        Assert.Equal(Pictures.Cat, await File.ReadAllBytesAsync(edited, Token));
    }

    [Fact]
    public async Task Upload_StartsUnderTheIdThatIsFollowed()
    {
        await using var app = await FunctionApp.StartAsync(azurite);
        using var client = app.NewClient();
        await using var output = new StringWriter();

        await Examples.UploadAsync(client, new MemoryStream(Pictures.Heart), Token);
        var watching = Examples.WatchAsync(client, EditId.Parse("order-4711"), output, Token);
        await app.SucceedAsync(EditId.Parse("order-4711"));
        await watching;

        Assert.Contains("Succeeded", output.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Refused_SaysWhy()
    {
        await using var app = await FunctionApp.StartAsync(azurite);
        using var client = app.NewClient();

        Assert.Matches(@"\A[a-z-]+ \(target text\): .+", await Examples.RefusedAsync(client, new(), new MemoryStream(Pictures.Heart), Token));
    }

    [Fact]
    public async Task Generate_ByWhatIsRegistered_GivesThePicture()
    {
        await using var app = await FunctionApp.StartAsync(azurite);
        using var client = app.NewClient();
        var services = new ServiceCollection();
        Examples.Register(services, app.Address);
        await using var provider = services.BuildServiceProvider();

        var generating = Examples.GenerateAsync(provider.GetRequiredService<IImageGenerator>(), new(Pictures.Heart, "image/png"), Token);
        await app.SucceedAsync((await FinishedEdit.FirstAsync(client)).EditId, ResultManifest.SuggestedFile);

        Assert.Equal(Pictures.Cat, await generating);
    }

    [GeneratedRegex(@"```csharp\n(?<code>.*?)```", RegexOptions.Singleline | RegexOptions.ExplicitCapture)]
    private static partial Regex Block();

    [GeneratedRegex(@"#region \w+\n(?<code>.*?) *#endregion", RegexOptions.Singleline | RegexOptions.ExplicitCapture)]
    private static partial Regex Region();

    [GeneratedRegex("^ {8}", RegexOptions.Multiline)]
    private static partial Regex Indent();
}

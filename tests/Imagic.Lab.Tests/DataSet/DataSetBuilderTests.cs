using System.Security.Cryptography;
using Imagic.Lab.DataSet;
using Imagic.Tests;

namespace Imagic.Lab.Tests.DataSet;

public sealed class DataSetBuilderTests(PackagesFixture packages) : IClassFixture<PackagesFixture>
{
    private static readonly DataSetOptions Options = new(EmojiStyle.All, Seed: 7);

    [Fact]
    public async Task Build_TwiceWithOtherThreads_GivesTheSameBytes()
    {
        using TemporaryFolder first = new(), second = new();

        var one = await BuildAsync(first, Options);
        var other = await BuildAsync(second, Options with { Threads = 4 });

        Assert.Equal(one.Sha256, other.Sha256);
        Assert.Equal(
            File.ReadAllBytes(Path.Combine(first.Path, DataSetBuilder.ManifestFile)),
            File.ReadAllBytes(Path.Combine(second.Path, DataSetBuilder.ManifestFile)));
    }

    /// <summary>The seed chooses what the sheet for people shows, and nothing that a model is trained from.</summary>
    [Fact]
    public async Task Build_WithAnotherSample_HasTheSameHash()
    {
        using TemporaryFolder first = new(), second = new();

        var one = await BuildAsync(first, Options);
        var other = await BuildAsync(second, Options with { Seed = 8 });

        Assert.Equal(one.Sha256, other.Sha256);
    }

    [Fact]
    public async Task Build_WithFewerStyles_KeepsTheirDrawings()
    {
        using TemporaryFolder all = new(), few = new();
        await BuildAsync(all, Options);
        await BuildAsync(few, Options with { Styles = [PackagesFixture.Style("noto")] });

        var whole = Drawings(all).Where(drawing => drawing.Item.Style == "noto");

        Assert.Equal(whole.Select(drawing => drawing.Sha256), Drawings(few).Select(drawing => drawing.Sha256));
    }

    [Fact]
    public async Task Build_HoldsOutAllTonesOfAPair_InThatStyleOnly()
    {
        using TemporaryFolder folder = new();

        var manifest = await BuildAsync(folder, Options, ("noto", "waving hand"));

        var items = Items(folder);
        Assert.Equal(2, manifest.HeldOut);
        Assert.All(items[..manifest.Training], item => Assert.Equal(DataSetSplit.Training, item.Split));
        Assert.All(items[manifest.Training..], item => Assert.Equal(("noto", "waving hand"), (item.Style, item.BaseConcept)));
        Assert.DoesNotContain(items[..manifest.Training], item => (item.Style, item.BaseConcept) == ("noto", "waving hand"));
        Assert.Contains(items[..manifest.Training], item => (item.Style, item.BaseConcept) == ("blob", "waving hand"));
    }

    [Fact]
    public async Task Build_WithAHeldOutPairThatIsNotDrawn_SaysWhich()
    {
        using TemporaryFolder folder = new();

        var e = await Assert.ThrowsAsync<DataSetException>(() => BuildAsync(folder, Options, ("noto", "wavign hand")));

        Assert.Contains("wavign hand", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Build_WritesDrawingsInTheOrderOfTheItems()
    {
        using TemporaryFolder folder = new();
        await BuildAsync(folder, Options with { Styles = [PackagesFixture.Style("noto")] });
        var data = DataSetReader.Open(folder.Path);

        for (var index = 0; index < data.Items.Count; index++)
        {
            var concept = data.Items[index].Concept;
            var pixels = data.Picture(index, new("dim green", 0, 100, 0)).Pixels;
            var (left, right) = ((32 * 64 + 8) * 3, (32 * 64 + 56) * 3); // in the middle row
            // The heart is red all over, the hand green on its left, its mirror image on its right; behind them it is dim.
            Assert.Equal(concept == "red heart" ? (255, 255) : (0, 0), (pixels[left], pixels[right]));
            Assert.Equal(concept switch { "red heart" => (0, 0), "waving hand" => (255, 100), _ => (100, 255) }, (pixels[left + 1], pixels[right + 1]));
        }
    }

    [Fact]
    public async Task Build_CountsAndHashesEverything()
    {
        using TemporaryFolder folder = new();

        var manifest = await BuildAsync(folder, Options);

        Assert.Equal(manifest.Drawings, Items(folder).Length);
        Assert.Equal(manifest.Drawings, manifest.Styles.Sum(style => style.Drawings));
        Assert.Equal(64 * 64 * 4L * manifest.Drawings, manifest.Files[0].Bytes);
        Assert.All(manifest.Files, file => Assert.Equal(
            Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(Path.Combine(folder.Path, file.Name)))), file.Sha256));
        var credits = await File.ReadAllTextAsync(Path.Combine(folder.Path, DataSetBuilder.CreditsFile));
        Assert.All(manifest.Packages, package => Assert.Contains($"{package.Name} {package.Version}", credits, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Build_TellsWhatItLeavesOut()
    {
        using TemporaryFolder folder = new();

        var manifest = await BuildAsync(folder, Options);

        Assert.Equal(["1f3f4-e0067_e0062.webp"], manifest.Styles.Single(style => style.Style == "3d").Unmapped);
        Assert.Equal(["fox-with-a-tie", "up"], manifest.Styles.Single(style => style.Style == "firefox").Unmapped);
    }

    private Task<DataSetManifest> BuildAsync(TemporaryFolder folder, DataSetOptions options, params (string, string)[] heldOut) =>
        DataSetBuilder.BuildAsync(packages.Packages, heldOut, folder.Path, options, null, TestContext.Current.CancellationToken);

    private static DataSetItem[] Items(TemporaryFolder folder) => [.. DataSetReader.Open(folder.Path).Items];

    private static IEnumerable<(DataSetItem Item, string Sha256)> Drawings(TemporaryFolder folder) =>
        Items(folder).Zip(DataSetReader.Open(folder.Path).ReadAll().Chunk(64 * 64 * 4), (item, drawing) => (item, Convert.ToHexString(SHA256.HashData(drawing))));
}

using System.Security.Cryptography;
using System.Text.Json;
using Imagic.Tests;
using Imagic.Training.DataSet;

namespace Imagic.Training.Tests.DataSet;

public sealed class DataSetBuilderTests(PackagesFixture packages) : IClassFixture<PackagesFixture>
{
    static readonly DataSetOptions Options = new(EmojiStyle.All, Backgrounds: 2, Seed: 7);

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

    [Fact]
    public async Task Build_WithAnotherSeed_ChoosesOtherBackgrounds()
    {
        using TemporaryFolder first = new(), second = new();

        Assert.NotEqual((await BuildAsync(first, Options)).Sha256, (await BuildAsync(second, Options with { Seed = 8 })).Sha256);
    }

    [Fact]
    public async Task Build_WithFewerStyles_KeepsTheirPictures()
    {
        using TemporaryFolder all = new(), few = new();
        await BuildAsync(all, Options);
        await BuildAsync(few, Options with { Styles = [PackagesFixture.Style("noto")] });

        var whole = Pictures(all).Where(picture => picture.Item.Style == "noto");

        Assert.Equal(whole.Select(picture => picture.Sha256), Pictures(few).Select(picture => picture.Sha256));
    }

    [Fact]
    public async Task Build_HoldsOutAllTonesAndBackgroundsOfAPair_InThatStyleOnly()
    {
        using TemporaryFolder folder = new();

        var manifest = await BuildAsync(folder, Options, ("noto", "waving hand"));

        var items = Items(folder);
        Assert.Equal(2 * 3, manifest.HeldOut);
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
    public async Task Build_WritesPicturesInTheOrderOfTheItems()
    {
        using TemporaryFolder folder = new();
        await BuildAsync(folder, Options with { Styles = [PackagesFixture.Style("noto")] });

        foreach (var (item, pixels, _) in Pictures(folder).Where(picture => picture.Item.Background == "white"))
        {
            var (left, right) = (pixels[(32 * 64 + 8) * 3 + 1], pixels[(32 * 64 + 56) * 3 + 1]); // green, in the middle row
            // The heart is red all over, the hand green on its left, its mirror image on its right; all else is white.
            Assert.Equal(item.Concept == "red heart" ? (0, 0) : (255, 255), (left, right));
            var red = (pixels[(32 * 64 + 8) * 3], pixels[(32 * 64 + 56) * 3]);
            Assert.Equal(item.Concept switch { "red heart" => (255, 255), "waving hand" => (0, 255), _ => (255, 0) }, red);
        }
    }

    [Fact]
    public async Task Build_CountsAndHashesEverything()
    {
        using TemporaryFolder folder = new();

        var manifest = await BuildAsync(folder, Options);

        Assert.Equal(manifest.Pictures, Items(folder).Length);
        Assert.Equal(manifest.Pictures, manifest.Styles.Sum(style => style.Pictures));
        Assert.Equal(64 * 64 * 3L * manifest.Pictures, manifest.Files[0].Bytes);
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

    Task<DataSetManifest> BuildAsync(TemporaryFolder folder, DataSetOptions options, params (string, string)[] heldOut) =>
        DataSetBuilder.BuildAsync(packages.Packages, heldOut, folder.Path, options, null, TestContext.Current.CancellationToken);

    static DataSetItem[] Items(TemporaryFolder folder) =>
        [.. File.ReadLines(Path.Combine(folder.Path, DataSetBuilder.ItemsFile))
            .Select(line => JsonSerializer.Deserialize(line, DataSetItemJson.Default.DataSetItem)!)];

    static IEnumerable<(DataSetItem Item, byte[] Pixels, string Sha256)> Pictures(TemporaryFolder folder) =>
        Items(folder).Zip(File.ReadAllBytes(Path.Combine(folder.Path, DataSetBuilder.PicturesFile)).Chunk(64 * 64 * 3),
            (item, pixels) => (item, pixels, Convert.ToHexString(SHA256.HashData(pixels))));
}

using System.Security.Cryptography;
using Azure.Storage.Blobs.Specialized;
using Imagic.Tests;

namespace Imagic.Storage.Tests;

public class BlockUploadStreamTests(AzuriteFixture azurite)
{
    private const string Name = "edit/file.bin";
    private const int Block = BlockUploadStream.BlockSize;

    private static readonly Dictionary<string, string> Metadata = new() { ["key"] = "value" };

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static TheoryData<int> Sizes => [0, 1, Block - 1, Block, Block + 1, 5 * Block + 7];

    [Theory]
    [MemberData(nameof(Sizes))]
    public async Task Commit_OfAnySize_MakesTheBlobAppearWhole(int size)
    {
        var account = await azurite.NewAccountAsync();
        var content = RandomNumberGenerator.GetBytes(size);
        await using var upload = Upload(account, parallelism: 2);

        foreach (var (i, piece) in content.Chunk(1_234_567).Index())
        {
            if (i % 2 == 0) await upload.WriteAsync(piece, Token);
            else upload.Write(piece);
        }

        Assert.False(await account.Edits.GetBlobClient(Name).ExistsAsync(Token));
        Assert.True(await upload.CommitAsync(Metadata));

        var stored = (await account.Edits.GetBlobClient(Name).DownloadContentAsync(Token)).Value;
        Assert.Equal(content, stored.Content.ToArray());
        Assert.Equal((size, "value", "image/png"), ((int)upload.Length, stored.Details.Metadata["key"], stored.Details.ContentType));
    }

    [Theory]
    [InlineData(10)]
    [InlineData(2 * Block)]
    public async Task Commit_OfANameThatIsTaken_IsFalseAndChangesNothing(int size)
    {
        var account = await azurite.NewAccountAsync();
        await account.Edits.GetBlobClient(Name).UploadAsync(BinaryData.FromString("first"), Token);
        await using var upload = Upload(account, parallelism: 1);
        await upload.WriteAsync(new byte[size], Token);

        Assert.False(await upload.CommitAsync(Metadata));

        Assert.Equal("first", (await account.Edits.GetBlobClient(Name).DownloadContentAsync(Token)).Value.Content.ToString());
    }

    [Fact]
    public async Task Commit_OfTwoThatRanBesideEachOther_KeepsTheFirstOneWhole()
    {
        var account = await azurite.NewAccountAsync();
        var (first, second) = (RandomNumberGenerator.GetBytes(2 * Block + 1), RandomNumberGenerator.GetBytes(2 * Block + 1));
        await using var one = Upload(account, parallelism: 1);
        await using var other = Upload(account, parallelism: 1);
        await one.WriteAsync(first, Token);
        await other.WriteAsync(second, Token);

        Assert.True(await one.CommitAsync(Metadata));
        Assert.False(await other.CommitAsync(Metadata));

        Assert.Equal(first, (await account.Edits.GetBlobClient(Name).DownloadContentAsync(Token)).Value.Content.ToArray());
    }

    private static BlockUploadStream Upload(StorageAccount account, int parallelism) =>
        new(account.Edits.GetBlockBlobClient(Name), "image/png", parallelism, Token);
}

using Imagic.LocalHost.Azurite;
using Imagic.Storage;
using Imagic.Tests;

namespace Imagic.LocalHost.Tests.Azurite;

public sealed class AzuriteProcessTests
{
    [Fact]
    public async Task Stop_WithAFolder_KeepsWhatWasJustWritten()
    {
        using var folder = new TemporaryFolder();
        var cancellationToken = TestContext.Current.CancellationToken;
        await using (var azurite = await StartAsync(folder.Path))
        {
            var container = new StorageAccount(azurite.Options(AzuriteAccount.WellKnown)).Uploads;
            await container.CreateAsync(cancellationToken: cancellationToken);
            await container.UploadBlobAsync("a.txt", BinaryData.FromString("kept"), cancellationToken);
        }

        await using var again = await StartAsync(folder.Path);

        var blob = new StorageAccount(again.Options(AzuriteAccount.WellKnown)).Uploads.GetBlobClient("a.txt");
        Assert.Equal("kept", (await blob.DownloadContentAsync(cancellationToken)).Value.Content.ToString());
    }

    private static Task<AzuriteProcess> StartAsync(string folder) =>
        AzuriteProcess.StartAsync(folder, 0, 0, [AzuriteAccount.WellKnown], TestContext.Current.CancellationToken);
}

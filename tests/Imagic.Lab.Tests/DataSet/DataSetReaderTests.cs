using Imagic.Lab.DataSet;
using Imagic.Tests;

namespace Imagic.Lab.Tests.DataSet;

public sealed class DataSetReaderTests(PackagesFixture packages) : IClassFixture<PackagesFixture>
{
    [Fact]
    public void Open_WhereNothingIs_SaysHowToMakeIt()
    {
        using TemporaryFolder folder = new();

        var e = Assert.Throws<DataSetException>(() => DataSetReader.Open(folder.Path));

        Assert.Contains($"imagic lab dataset --out {folder.Path}", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Open_WithDrawingsCutShort_Refuses()
    {
        using TemporaryFolder folder = new();
        await DataSetBuilder.BuildAsync(
            packages.Packages, [], folder.Path, new(EmojiStyle.All), null, TestContext.Current.CancellationToken);
        using (var file = File.OpenWrite(Path.Combine(folder.Path, DataSetBuilder.DrawingsFile)))
            file.SetLength(file.Length - 1);

        Assert.Contains("manifest", Assert.Throws<DataSetException>(() => DataSetReader.Open(folder.Path)).Message, StringComparison.Ordinal);
    }
}

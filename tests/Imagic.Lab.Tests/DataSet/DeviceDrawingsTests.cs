using Imagic.Lab.DataSet;
using Imagic.Tests;
using static TorchSharp.torch;

namespace Imagic.Lab.Tests.DataSet;

public sealed class DeviceDrawingsTests
{
    [Fact]
    public void Compose_GivesThePicturesOfTheDataSet()
    {
        using TemporaryFolder folder = new();
        using var scope = NewDisposeScope();
        var data = TinyDataSet.Write(folder.Path);
        using var drawings = new DeviceDrawings(data, CPU);
        Background[] backgrounds = [.. data.Items.Select((_, index) => Background.Colours[index])];

        var pictures = drawings.Compose(arange(data.Items.Count, dtype: ScalarType.Int64), drawings.Colours(backgrounds));

        var bytes = pictures.mul(127.5).add_(127.5).round_().to(ScalarType.Byte).permute(0, 2, 3, 1).contiguous().bytes.ToArray();
        Assert.Equal(data.Items.SelectMany((_, index) => data.Picture(index, backgrounds[index]).Pixels), bytes);
    }
}

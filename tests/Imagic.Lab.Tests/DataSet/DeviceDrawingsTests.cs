using Imagic.Lab.DataSet;
using Imagic.Tests;
using static Imagic.Diffusion.Scalars;
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

        var pictures = drawings.Compose(arange(Held(0), Held(data.Items.Count), One, dtype: ScalarType.Int64), drawings.Colours(backgrounds));

        var bytes = pictures.mul(Held(127.5)).add_(Held(127.5), One).round_().to(ScalarType.Byte).permute(0, 2, 3, 1).contiguous().bytes.ToArray();
        Assert.Equal(data.Items.SelectMany((_, index) => data.Picture(index, backgrounds[index]).Pixels), bytes);
    }
}

using Imagic.Lab.EmojiEdBench;

namespace Imagic.Lab.Tests.EmojiEdBench;

public class MeasuresTests
{
    [Fact]
    public void OutsideDistance_LooksOnlyWhereTheTruePicturesAreTheSame()
    {
        var source = Row(0, 0, 0, 0);
        var target = Row(0, 0, 255, 255);

        Assert.Equal(0, Measures.OutsideDistance(Row(0, 0, 90, 200), source, target));
        Assert.Equal(Math.Sqrt(0.5), Measures.OutsideDistance(Row(255, 0, 90, 200), source, target)!.Value, 1e-9);
        Assert.Null(Measures.OutsideDistance(source, source, Row(255, 255, 255, 255)));
    }

    [Fact]
    public void Psnr_FollowsTheMeanSquaredError()
    {
        Assert.Equal(0, Measures.Psnr(Row(255, 255), Row(0, 0)), 1e-9);
        Assert.Equal(20, Measures.Psnr(Row(151, 100, 100, 100), Row(100, 100, 100, 100)), 1e-9);
        Assert.True(double.IsFinite(Measures.Psnr(Row(9), Row(9))));
    }

    /// <summary>One grey value per pixel.</summary>
    private static RgbImage Row(params int[] values) => new(values.Length, 1, [.. values.SelectMany(value => Enumerable.Repeat((byte)value, 3))]);
}

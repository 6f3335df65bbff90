namespace Imagic.Imaging.Tests;

public class FramingTests
{
    [Theory]
    [InlineData(512, 512, 512, 8, 512, 512)]
    [InlineData(4032, 3024, 512, 8, 592, 440)]
    [InlineData(3024, 4032, 512, 64, 448, 576)]
    [InlineData(64, 64, 512, 32, 512, 512)]
    [InlineData(1600, 100, 64, 32, 256, 32)]
    public void Fit_Picture_TakesTheNearestMultiplesOfTheSameAreaAndAspect(
        int sourceWidth, int sourceHeight, int side, int multiple, int width, int height)
    {
        var framing = Framing.Fit(sourceWidth, sourceHeight, side, multiple);
        Assert.Equal((width, height), (framing.Width, framing.Height));
    }

    [Fact]
    public void Fit_AnyPicture_IsDivisibleAndNearTheArea()
    {
        var random = new Random(1);
        for (var i = 0; i < 1000; i++)
        {
            var framing = Framing.Fit(random.Next(1, 5000), random.Next(1, 5000), side: 512, multiple: 8);
            Assert.Equal((0, 0), (framing.Width % 8, framing.Height % 8));
            Assert.True(framing is { Width: > 0, Height: > 0 });
            if (Math.Min(framing.Width, framing.Height) >= 128)
                Assert.InRange((double)framing.Width * framing.Height / (512 * 512), 0.96, 1.04);
        }
    }

    [Fact]
    public void ToModelAndBack_Picture_KeepsItsSizeAndLooks()
    {
        var source = Pictures.Scene(300, 200);
        var framing = Framing.Fit(300, 200, side: 512, multiple: 32);

        var atModel = framing.ToModel(source);
        var back = framing.ToSource(atModel);

        Assert.Equal((framing.Width, framing.Height), (atModel.Width, atModel.Height));
        Assert.InRange(Pictures.Difference(source, back), 0, 6); // a shift by one pixel would make 20
    }
}

using Imagic.Lab.DataSet;

namespace Imagic.Lab.Tests.DataSet;

public sealed class BackgroundTests
{
    [Theory]
    [InlineData(0, 0, 200)] // nothing drawn: the background
    [InlineData(255, 10, 10)] // covered: the drawing
    [InlineData(51, 40, 200)] // a fifth covered: 40 + 200·(1 − 51/255)
    [InlineData(50, 255, 255)] // rounding of the premultiplied colour never overflows
    public void Behind_ShowsThroughWhatIsNotCovered(byte coverage, byte drawn, byte expected)
    {
        var picture = new Background("test", 200, 200, 200).Behind([drawn, drawn, drawn, coverage], 1);

        Assert.Equal([expected, expected, expected], picture.Pixels);
    }
}

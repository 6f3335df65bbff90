using Imagic.Lab.Bench;

namespace Imagic.Lab.Tests.Bench;

public class PhaseMeasurementTests
{
    [Theory]
    [InlineData(new double[] { 3 }, 3)]
    [InlineData(new double[] { 9, 1, 4 }, 4)]
    [InlineData(new double[] { 8, 1, 4, 2 }, 3)]
    public void Median_OfAnyOrder_IsTheMiddle(double[] values, double expected) =>
        Assert.Equal(expected, PhaseMeasurement.Median(values));
}

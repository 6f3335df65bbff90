namespace Imagic.Imaging.Tests;

public class BicubicTests
{
    // Worked out apart from this program, by Keys' formula with a = −0.5, stretched where a side shrinks, rounded after each pass.
    public static TheoryData<int, byte[], int, int, byte[]> Known => new()
    {
        { 8, [0, 255, 10, 200, 90, 30, 250, 60], 4, 1, [111, 125, 96, 142] },
        { 4, [0, 255, 10, 200], 7, 1, [0, 86, 251, 137, 11, 133, 215] },
        { 6, Grid, 4, 3, [52, 115, 142, 124, 153, 148, 148, 160, 100, 117, 160, 107] },
    };

    private static byte[] Grid => [.. from y in Enumerable.Range(0, 5) from x in Enumerable.Range(0, 6) select (byte)((x * 37) + (y * 91) + (x * y * 13))];

    [Theory]
    [MemberData(nameof(Known))]
    public void Resize_OfGreys_IsAsWorkedOut(int width, byte[] greys, int toWidth, int toHeight, byte[] expected) =>
        Assert.Equal(Grey(toWidth, expected), Bicubic.Resize(Grey(width, greys), toWidth, toHeight));

    [Fact]
    public void Resize_OneColour_StaysThatColour() =>
        Assert.Equal(RgbImage.Filled(224, 150, 10, 128, 250), Bicubic.Resize(RgbImage.Filled(37, 23, 10, 128, 250), 224, 150));

    private static RgbImage Grey(int width, byte[] greys) => new(width, greys.Length / width, [.. greys.SelectMany(grey => new[] { grey, grey, grey })]);
}

namespace Imagic.Imaging.Tests;

public class LanczosTests
{
    [Fact]
    public void Resize_PillowsPicture_EqualsPillowInEveryBit() =>
        Assert.Equal(Pictures.FromFile("resize_out.png"), Lanczos.Resize(Pictures.FromFile("resize_in.png"), 64, 32));

    /// <summary>FNV-1a over Pillow 9.4's output for <see cref="Pictures.Scene"/>: enlarging, reducing, one axis only.</summary>
    [Theory]
    [InlineData(97, 61, 240, 150, 15630953844180199353UL)]
    [InlineData(400, 300, 64, 48, 6827164811512881563UL)]
    [InlineData(100, 50, 100, 17, 12375011642221540914UL)]
    [InlineData(33, 64, 7, 64, 16104350078525450514UL)]
    [InlineData(1, 1, 9, 5, 16663483219246987431UL)]
    [InlineData(640, 427, 512, 344, 5333750474860704341UL)]
    public void Resize_Scene_EqualsPillowInEveryBit(int width, int height, int toWidth, int toHeight, ulong expected) =>
        Assert.Equal(expected, Fnv1a(Lanczos.Resize(Pictures.Scene(width, height), toWidth, toHeight).Pixels));

    [Fact]
    public void Resize_ToItsOwnSize_IsTheSamePicture()
    {
        var scene = Pictures.Scene(40, 30);
        Assert.Equal(scene, Lanczos.Resize(scene, 40, 30));
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(3, 500)]
    [InlineData(500, 3)]
    public void Resize_OneColour_StaysThatColour(int width, int height) =>
        Assert.Equal(RgbImage.Filled(width, height, 10, 128, 250), Lanczos.Resize(RgbImage.Filled(37, 23, 10, 128, 250), width, height));

    private static ulong Fnv1a(byte[] bytes) =>
        bytes.Aggregate(14695981039346656037UL, (hash, b) => unchecked((hash ^ b) * 1099511628211UL));
}

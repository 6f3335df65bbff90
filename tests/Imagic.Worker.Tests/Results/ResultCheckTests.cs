using Imagic.Contracts;
using Imagic.Contracts.Settings;
using Imagic.Editing;
using Imagic.Worker.Results;

namespace Imagic.Worker.Tests.Results;

public class ResultCheckTests
{
    private static readonly RgbImage Source = Noise(1);

    [Fact]
    public void Run_SourceThatComesBackAsWellAsTheAutoencoderLets_SaysNothing() =>
        Assert.Empty(ResultCheck.Run(Source, [At(0, Near(9)), At(0.8, Noise(2))], () => Near(4)));

    [Fact]
    public void Run_SourceThatComesBackFarWorse_SaysWhatToLookAt()
    {
        var notice = Assert.Single(ResultCheck.Run(Source, [At(0, Noise(2)), At(0.8, Near(1))], () => Near(4)));

        Assert.Contains("At eta 0 the source comes back at ", notice, StringComparison.Ordinal);
        Assert.Contains("prediction type", notice, StringComparison.Ordinal);
    }

    [Fact]
    public void Run_PicturesOfOneColour_AreNoResult()
    {
        var black = RgbImage.Filled(16, 16, 0, 0, 0);

        Assert.Throws<EditException>(() => ResultCheck.Run(Source, [At(0, black), At(0.8, black)], () => Source));
        Assert.Empty(ResultCheck.Run(black, [At(0, black)], () => black));
    }

    private static EditedImage At(double eta, RgbImage picture) => new(new(1, new Strength(eta, 1)), picture);

    private static RgbImage Near(int by) => new(16, 16, [.. Source.Pixels.Select(value => (byte)(value < 128 ? value + by : value - by))]);

    private static RgbImage Noise(int seed)
    {
        var pixels = new byte[16 * 16 * 3];
        new Random(seed).NextBytes(pixels);
        return new(16, 16, pixels);
    }
}

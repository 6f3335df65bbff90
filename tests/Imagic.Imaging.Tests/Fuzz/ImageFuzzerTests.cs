using Imagic.TestKit.Fuzz;

namespace Imagic.Imaging.Tests.Fuzz;

/// <summary>Measures the process's memory, so nothing else may run meanwhile.</summary>
[CollectionDefinition(nameof(ImageFuzzerTests), DisableParallelization = true)]
[Collection(nameof(ImageFuzzerTests))]
public class ImageFuzzerTests
{
    private const long MiB = 1024 * 1024;

    /// <summary>The long run is <c>imagic soak</c>.</summary>
    [Fact]
    public void Run_TenThousandDamagedPictures_AllAreDecodedOrRefused()
    {
        var last = -1;
        var report = ImageFuzzer.Run(inputs: 10_000, seed: 1, progress: index => last = index);

        Assert.True(report.Failures.Count == 0, string.Join('\n', report.Failures.Select(failure => $"{failure.Index} {failure.What}")));
        Assert.Equal((10_000, 9_999), (report.Inputs, last));
        Assert.Equal(10_000, report.Decoded + report.Refused.Values.Sum());
        Assert.InRange(report.Decoded, 500, 5000); // neither so gentle nor so rough that nothing is tried
        Assert.Equal(4, report.Refused.Count);
        Assert.InRange(report.ResidentAfter - report.ResidentBefore, long.MinValue, 96 * MiB);
    }

    [Fact]
    public void Input_SameNumber_IsTheSameFile()
    {
        Assert.Equal(ImageFuzzer.Input(seed: 3, index: 77), ImageFuzzer.Input(seed: 3, index: 77));
        Assert.NotEqual(ImageFuzzer.Input(seed: 3, index: 77), ImageFuzzer.Input(seed: 4, index: 77));
    }
}

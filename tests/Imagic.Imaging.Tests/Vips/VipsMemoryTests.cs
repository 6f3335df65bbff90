using Imagic.Imaging.Fuzz;
using Imagic.Imaging.Vips;

namespace Imagic.Imaging.Tests.Vips;

/// <summary>libvips counts its buffers for the whole process, so nothing else may run meanwhile.</summary>
[CollectionDefinition(nameof(VipsMemoryTests), DisableParallelization = true)]
[Collection(nameof(VipsMemoryTests))]
public class VipsMemoryTests
{
    [Fact]
    public void Codec_AfterManyOperationsAndFailures_HoldsNoBuffers()
    {
        var codec = ImageCodec.Default;
        Work(codec, rounds: 1); // fonts and tables are loaded once and stay
        var before = Held();

        Work(codec, rounds: 20);

        Assert.Equal(before, Held());
        Assert.Equal("", VipsException.TakeMessage());
    }

    /// <summary>What is held once libvips's own threads are through: they give their buffers back a moment after the
    /// operation that used them has returned.</summary>
    static (int, long) Held()
    {
        SpinWait.SpinUntil(() => VipsRuntime.TrackedAllocations == 0, TimeSpan.FromSeconds(10));
        return (VipsRuntime.TrackedAllocations, VipsRuntime.TrackedBytes);
    }

    static void Work(IImageCodec codec, int rounds)
    {
        for (var round = 0; round < rounds; round++)
        {
            foreach (var file in FuzzSeeds.All.Values)
            {
                var picture = Pictures.Decode(file);
                foreach (var format in (ImageFormat[])[ImageFormat.Png, ImageFormat.Jpeg, ImageFormat.WebP])
                    codec.Encode(picture, format);
                Assert.Throws<ImageException>(() => Pictures.Decode(file[..(file.Length / 2)]));
                Assert.Throws<ImageException>(() => Pictures.Decode(file[..30]));
            }
            codec.RenderText($"round {round}", 14, 200);
        }
    }
}

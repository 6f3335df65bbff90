using static Imagic.Diffusion.Scalars;
using static TorchSharp.torch;

namespace Imagic.Diffusion.Tests;

public class ScalarsTests
{
    // Beside a collector that never rests: a scalar made in passing is freed within some thousand operations, and then the
    // operation throws, or computes with another number.
    [Fact]
    public async Task Operations_WhileGarbageIsCollected_TakeTheNumbersThatTheyAreGiven()
    {
        using var stop = new CancellationTokenSource();
        var collecting = Task.Run(
            () =>
            {
                while (!stop.IsCancellationRequested)
                {
                    GC.Collect(0);
                    Thread.SpinWait(20_000);
                }
            },
            CancellationToken.None);
        using (var scope = NewDisposeScope())
        {
            var (x, y) = (ones(1), ones(1));
            for (var i = 0; i < 20_000; i++)
            {
                using var step = NewDisposeScope();
                var sum = (x * Held(3)).add(y * Held(0.5), One);
                Assert.Equal(3.5f, sum.item<float>());
            }
        }

        await stop.CancelAsync();
        await collecting;
    }
}

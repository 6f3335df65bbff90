using TorchSharp;

namespace Imagic.Torch.Tests;

public class ScalarTests
{
    [Fact]
    public void Scalar_KnowsItsKind()
    {
        Scalar[] scalars = [true, (byte)1, (sbyte)1, (short)1, 1, 1L, (Half)1, 1f, 1.0];

        Assert.Equal(
            [torch.ScalarType.Bool, .. Enumerable.Repeat(torch.ScalarType.Int64, 5), .. Enumerable.Repeat(torch.ScalarType.Float64, 3)],
            scalars.Select(s => s.Type));
        Assert.All(scalars.Skip(1).Take(5), s => Assert.Equal(1, s.ToInt64()));
        Assert.All(scalars.Skip(6), s => Assert.Equal(1, s.ToDouble()));
    }

    [Fact]
    public void Scalar_OfALargeInteger_LosesNothing()
    {
        using var scope = torch.NewDisposeScope();
        const long large = (1L << 62) + 1;

        Assert.Equal(large, ((Scalar)large).ToInt64());
        Assert.Equal(large, torch.full(1, large).item<long>());
        Assert.Equal(large, (torch.zeros([1], torch.int64) + large).item<long>());
    }

    [Fact]
    public void Scalar_ToANarrowerType_IsChecked()
    {
        Assert.Equal(3, 3.7.ToScalar().ToInt32());
        Assert.Equal(3.5f, 3.5.ToScalar().ToSingle());
        Assert.True(2.ToScalar().ToBoolean());
        Assert.Throws<OverflowException>(() => (1L << 40).ToScalar().ToInt32());
    }
}

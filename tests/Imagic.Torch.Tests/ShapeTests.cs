using static TorchSharp.torch;

namespace Imagic.Torch.Tests;

public class ShapeTests
{
    /// <summary>0 1 2 / 3 4 5</summary>
    static Tensor Matrix() => arange(6).view(2, 3);

    [Fact]
    public void Views_ShareMemory()
    {
        using var scope = NewDisposeScope();
        var x = Matrix();

        foreach (var view in new[] { x.view(6), x.t(), x.narrow(1, 0, 2), x.select(0, 0), x.detach(), x.alias(), x[0] })
            view.zero_();

        TensorAssert.Elements([0L, 0, 0, 0, 0, 0], x);
    }

    [Fact]
    public void Rearrangements_OfAMatrix()
    {
        using var scope = NewDisposeScope();
        var x = Matrix();

        TensorAssert.Elements([0L, 3, 1, 4, 2, 5], x.t());
        TensorAssert.Elements([0L, 3, 1, 4, 2, 5], x.T.contiguous());
        TensorAssert.Elements([0L, 3, 1, 4, 2, 5], x.permute(1, 0));
        TensorAssert.Elements([0L, 3, 1, 4, 2, 5], x.mT);
        TensorAssert.Elements([2L, 1, 0, 5, 4, 3], x.flip(1));
        TensorAssert.Elements([2L, 0, 1, 5, 3, 4], x.roll(1, 1));
        TensorAssert.Elements([1L, 2, 4, 5], x.narrow(1, 1, 2));
        TensorAssert.Elements([0L, 2, 3, 5], x.slice(1, 0, 3, 2));
        TensorAssert.Elements([0L, 4], x.diagonal());
        TensorAssert.Elements([2L, 5, 0, 3], x.index_select(1, tensor([2L, 0])).t());
        TensorAssert.Elements([1L, 3], x.gather(1, tensor([1L, 0], [2, 1])));
        TensorAssert.Elements([0L, 0, 1, 1, 2, 2], x[0].repeat_interleave(2));
        TensorAssert.Elements([0L, 2, 4], x.as_strided([3], [2]));
    }

    [Fact]
    public void Shapes_FollowTorch()
    {
        using var scope = NewDisposeScope();
        var x = zeros(2, 1, 3);

        Assert.Equal([2L, 3], x.squeeze().shape);
        Assert.Equal([2L, 3], x.squeeze(1).shape);
        Assert.Equal([2L, 1, 3], x.squeeze(0).shape);
        Assert.Equal([2L, 1, 1, 3], x.unsqueeze(1).shape);
        Assert.Equal([2L, 3], x.flatten(1).shape);
        Assert.Equal([2L, 1, 3, 1], x.unflatten(2, 3, 1).shape);
        Assert.Equal([2L, 4, 3], x.expand(-1, 4, -1).shape);
        Assert.Equal([2L, 4, 3], x.expand_as(zeros(2, 4, 3)).shape);
        Assert.Equal([4L, 1, 3], x.repeat(2, 1, 1).shape);
        Assert.Equal([2L, 2, 3], x.tile([2, 1]).shape);
        Assert.Equal([3L, 1, 2], x.transpose(0, 2).shape);
        Assert.Equal([6L], x.reshape(-1).shape);
        Assert.Equal([6L], x.view_as(zeros(6)).shape);
    }

    [Fact]
    public void Pieces_AreAllThere()
    {
        using var scope = NewDisposeScope();
        var x = arange(7);

        Assert.Equal([3L, 3, 1], x.chunk(3).Select(c => c.numel()));
        Assert.Equal([4L, 3], x.split(4).Select(c => c.numel()));
        Assert.Equal([1L, 6], x.split([1, 6]).Select(c => c.numel()));
        Assert.Equal([0L, 1, 2, 3, 4, 5, 6], x.unbind().Select(c => c.item<long>()));
        Assert.Single(zeros(0).split(3));
        TensorAssert.Elements([0L, 1, 2, 3, 4, 5, 6], cat(x.chunk(3)));
        Assert.Equal([2L, 7], stack([x, x]).shape);
        Assert.Equal([2L, 3], meshgrid([arange(2), arange(3)])[0].shape);
        Assert.Equal([3L, 2], meshgrid([arange(2), arange(3)], "xy")[0].shape);
    }

    [Fact]
    public void Moving_ConvertsCopiesAndDisposes()
    {
        using var scope = NewDisposeScope();
        var x = tensor([1.7f, -2]);

        TensorAssert.Elements([1L, -2], x.@long());
        Assert.Equal(float16, x.half().dtype);
        Assert.Equal(bfloat16, x.bfloat16().dtype);
        Assert.Equal(float64, x.to(float64, CPU).dtype);
        Assert.Equal(int32, x.type_as(zeros(1, int32)).dtype);
        Assert.Equal(x.bytes.ToArray(), x.clone().bytes.ToArray());
        x.to("cpu").zero_();
        TensorAssert.Elements([0f, 0], x);
        x.to(float32, copy: true).fill_(3);
        TensorAssert.Elements([0f, 0], x);
        Assert.Equal(float64, x.to(float64, disposeAfter: true).dtype);
        Assert.True(x.IsInvalid);
    }

    [Fact]
    public void Set_MakesATensorAViewOfAnother()
    {
        using var scope = NewDisposeScope();
        var flat = arange(6, dtype: float32);
        var x = zeros(2);

        x.set_(flat.narrow(0, 2, 2));
        x.mul_(10);

        TensorAssert.Elements([0f, 1, 20, 30, 4, 5], flat);
        Assert.Equal(2, x.storage_offset());
    }

    [Fact]
    public void Scatter_PutsAndAdds()
    {
        using var scope = NewDisposeScope();

        TensorAssert.Elements([0f, 0, 5, 4], zeros(4).scatter(0, tensor([2L, 3]), tensor([5f, 4])));
        TensorAssert.Elements([0f, 3, 0], zeros(3).index_add_(0, tensor([1L, 1]), tensor([1f, 2]), 1));
        TensorAssert.Elements([0f, 2, 1], zeros(3).index_copy_(0, tensor([2L, 1]), tensor([1f, 2])));
    }
}

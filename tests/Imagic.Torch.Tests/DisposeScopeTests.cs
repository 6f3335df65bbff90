using TorchSharp;
using static TorchSharp.torch;

namespace Imagic.Torch.Tests;

public class DisposeScopeTests
{
    [Fact]
    public void Scope_Disposes_WhatWasMadeInIt() => LeakCheck.LeavesNoTensor(() =>
    {
        using var scope = NewDisposeScope();
        var x = ones(2) + ones(2) * 3;

        Assert.Equal(4, scope.DisposablesCount);
        Assert.Contains(x, scope.DisposablesView);
    });

    [Fact]
    public void Scope_AfterAnException_HasDisposedAll() => LeakCheck.LeavesNoTensor(() =>
        Assert.Throws<System.Runtime.InteropServices.ExternalException>(() =>
        {
            using var scope = NewDisposeScope();
            ones(2).add(1).view(3);
        }));

    [Fact]
    public void MoveToOuter_OutlivesTheInnerScopeOnly()
    {
        Tensor x, y;
        using (NewDisposeScope())
        {
            using (NewDisposeScope())
                (x, y) = (ones(1).MoveToOuterDisposeScope(), ones(1));

            Assert.False(x.IsInvalid);
            Assert.True(y.IsInvalid);
        }
        Assert.True(x.IsInvalid);
    }

    [Fact]
    public void MoveToOuter_WithoutAnOuterScope_BelongsToNobody()
    {
        Tensor x;
        using (var scope = NewDisposeScope())
            x = scope.MoveToOuter(ones(1));

        Assert.False(x.IsInvalid);
        x.Dispose();
    }

    [Fact]
    public void Detach_OutlivesAllScopes()
    {
        Tensor x, y;
        using (NewDisposeScope())
        using (var inner = NewDisposeScope())
            (x, y) = (ones(1).DetachFromDisposeScope(), inner.Detach(ones(1)));

        Assert.False(x.IsInvalid || y.IsInvalid);
        x.Dispose();
        y.Dispose();
    }

    [Fact]
    public void MoveToOther_ChangesTheOwner()
    {
        using var outer = NewDisposeScope();
        Tensor x;
        using (var inner = NewDisposeScope())
        {
            x = ones(1);
            inner.MoveToOther(outer, x);
            Assert.False(inner.Contains(x));
        }

        Assert.True(outer.Contains(x));
        Assert.False(x.IsInvalid);
    }

    [Fact]
    public void MoveToOuter_OfSeveral_MovesEach()
    {
        using var outer = NewDisposeScope();
        using var inner = NewDisposeScope();

        var (x, y, z) = inner.MoveToOuter(ones(1), ones(2), ones(3));
        inner.MoveToOuter(ones(4), ones(5));

        Assert.Equal((5, 0), (outer.DisposablesCount, inner.DisposablesCount));
        Assert.Equal((1L, 2L, 3L), (x.numel(), y.numel(), z.numel()));
    }

    [Fact]
    public void Attach_AdoptsATensorFromOutside()
    {
        var x = ones(1);
        using (var scope = NewDisposeScope())
            scope.Attach(x);

        Assert.True(x.IsInvalid);
    }

    [Fact]
    public void DisposeEverythingBut_KeepsOne()
    {
        using var scope = NewDisposeScope();
        var (x, y) = (ones(1), ones(1));

        Assert.Same(y, scope.DisposeEverythingBut(y));

        Assert.True(x.IsInvalid);
        Assert.False(y.IsInvalid);
        Assert.Equal(1, scope.DisposablesCount);
    }

    [Fact]
    public void Dispose_OfATensor_LeavesItsScope()
    {
        using var scope = NewDisposeScope();
        ones(1).Dispose();

        Assert.Equal(0, scope.DisposablesCount);
    }

    [Fact]
    public void Dispose_OfAnOuterScope_LeavesTheInnerOneOpen()
    {
        using var outermost = NewDisposeScope();
        var outer = NewDisposeScope();
        using var inner = NewDisposeScope();
        var x = ones(1);

        outer.Dispose();

        Assert.Same(inner, CurrentDisposeScope);
        Assert.False(x.IsInvalid);
        Assert.True(outermost.Contains(x.MoveToOuterDisposeScope()));
    }

    [Fact]
    public void Scope_OwnsOnlyTheTensorsOfItsThread()
    {
        using var scope = NewDisposeScope();
        Tensor? x = null;
        var thread = new Thread(() => x = ones(1));
        thread.Start();
        thread.Join();

        Assert.False(scope.Contains(x!));
        x!.Dispose();
    }

    [Fact]
    public void Scope_AfterItsEnd_RefusesWork()
    {
        var scope = NewDisposeScope();
        scope.Dispose();
        scope.Dispose();

        Assert.Throws<ObjectDisposedException>(() => scope.DisposablesCount);
    }

    [Fact]
    public void WrappedTensorDisposeScope_KeepsOnlyTheResult() => LeakCheck.LeavesNoTensor(() =>
    {
        using var scope = NewDisposeScope();
        WrappedTensorDisposeScope(() => ones(1) + ones(1));
        Assert.Equal(1, scope.DisposablesCount);
    });
}

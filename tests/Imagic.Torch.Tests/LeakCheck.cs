using TorchSharp;

namespace Imagic.Torch.Tests;

/// <summary>Asserts that code leaves no native tensor behind, whether or not it throws.</summary>
static class LeakCheck
{
    public static void LeavesNoTensor(Action body)
    {
        CollectForgotten();
        var before = torch.Tensor.TotalCount;
        body();
        Assert.Equal(before, torch.Tensor.TotalCount);
    }

    /// <summary>Runs the finalizers of tensors that other tests have dropped without disposing them.</summary>
    public static void CollectForgotten()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
    }
}

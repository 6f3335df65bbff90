namespace TorchSharp.Interop;

/// <summary>Moves lists of tensors across the native border.</summary>
static class TensorList
{
    /// <summary>Fills <paramref name="pieces"/> with at most its length of handles, returns how many or -1.</summary>
    public delegate long Fill(Span<nint> pieces);

    public static nint[] Handles(IList<torch.Tensor>? tensors) =>
        tensors is null ? [] : [.. tensors.Select(t => t.Handle)];

    /// <summary>Wraps up to <paramref name="capacity"/> new tensors. A missing one becomes null.</summary>
    public static torch.Tensor[] Collect(long capacity, Fill fill)
    {
        var handles = new nint[capacity];
        var tensors = new torch.Tensor[NativeError.Checked(fill(handles))];
        for (var i = 0; i < tensors.Length; i++)
            tensors[i] = handles[i] == 0 ? null! : new torch.Tensor(handles[i]);
        return tensors;
    }
}

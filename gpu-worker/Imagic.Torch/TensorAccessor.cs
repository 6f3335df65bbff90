using System.Collections;
using System.Runtime.InteropServices;

namespace TorchSharp.Utils;

/// <summary>The elements of a CPU tensor, in the order of its shape. Writes go through to the tensor.</summary>
public sealed class TensorAccessor<T> : IDisposable, IEnumerable<T> where T : unmanaged
{
    readonly torch.Tensor _tensor;

    internal TensorAccessor(torch.Tensor tensor)
    {
        if (tensor.device_type != DeviceType.CPU)
            throw new InvalidOperationException(
                $"The tensor is on {tensor.device}. Reading data needs it on the CPU: call cpu() first.");
        if (torch.ScalarTypeOf<T>() != tensor.dtype)
            throw new ArgumentException($"A tensor of {tensor.dtype} cannot be read as {typeof(T).Name}.");
        _tensor = tensor;
    }

    public long Count => _tensor.numel();

    public T[] ToArray()
    {
        var array = new T[Count];
        CopyTo(array);
        return array;
    }

    public void CopyTo(T[] array, int arrayIndex = 0, long tensorIndex = 0) =>
        CopyTo(array.AsSpan(), arrayIndex, tensorIndex);

    /// <summary>Copies as many elements as there are from <paramref name="tensorIndex"/> on, or as fit.</summary>
    public void CopyTo(Span<T> array, int arrayIndex = 0, long tensorIndex = 0)
    {
        using var contiguous = _tensor.contiguous();
        var target = array[arrayIndex..];
        var count = (int)Math.Min(Count - tensorIndex, target.Length);
        Elements(contiguous, tensorIndex, count).CopyTo(target);
    }

    public void CopyFrom(T[] array, int arrayIndex = 0, long tensorIndex = 0) =>
        CopyFrom(array.AsSpan(), arrayIndex, tensorIndex);

    public void CopyFrom(ReadOnlySpan<T> array, int arrayIndex = 0, long tensorIndex = 0)
    {
        using var contiguous = _tensor.contiguous();
        var source = array[arrayIndex..];
        var count = (int)Math.Min(Count - tensorIndex, source.Length);
        source[..count].CopyTo(Elements(contiguous, tensorIndex, count));
        if (!_tensor.is_contiguous())
            _tensor.copy_(contiguous);
    }

    public IEnumerator<T> GetEnumerator() => ((IEnumerable<T>)ToArray()).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <summary>Nothing to release: the tensor stays with its owner.</summary>
    public void Dispose()
    {
    }

    /// <summary>Elements [start, start + count) of a contiguous tensor, of any total size.</summary>
    static Span<T> Elements(torch.Tensor contiguous, long start, int count)
    {
        using var flat = contiguous.view(-1);
        using var piece = flat.narrow(0, start, count);
        return MemoryMarshal.Cast<byte, T>(piece.bytes);
    }
}

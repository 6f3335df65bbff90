using System.Runtime.CompilerServices;
using TorchSharp.Interop;
using Kind = TorchSharp.Interop.NativeIndex.Kind;

namespace TorchSharp;

public static partial class torch
{
    /// <summary>One position between the brackets of <c>x[...]</c>, as in Python.</summary>
    public readonly struct TensorIndex
    {
        readonly Kind _kind;
        readonly long _start;
        readonly long _stop;
        readonly long _step;
        readonly Tensor? _tensor;

        TensorIndex(Kind kind, long start = 0, long stop = 0, long step = 0, Tensor? tensor = null) =>
            (_kind, _start, _stop, _step, _tensor) = (kind, start, stop, step, tensor);

        public static readonly TensorIndex None = new(Kind.None);
        public static readonly TensorIndex Null = None;
        public static readonly TensorIndex Ellipsis = new(Kind.Ellipsis);
        public static readonly TensorIndex Colon = Slice();

        public static TensorIndex Slice(long? start = null, long? stop = null, long? step = null) =>
            new(Kind.Slice, start ?? 0, stop ?? long.MaxValue, step ?? 1);

        public static TensorIndex Slice((int?, int?) range) => Slice(range.Item1, range.Item2);

        public static TensorIndex Slice(Range range) => Slice(Position(range.Start), Position(range.End));

        public static TensorIndex Bool(bool value) => new(Kind.Boolean, value ? 1 : 0);

        public static TensorIndex Single(long? index) => index is { } given ? new(Kind.Integer, given) : None;

        public static TensorIndex Tensor(Tensor tensor) => new(Kind.Tensor, tensor: tensor);

        public static implicit operator TensorIndex(long value) => Single(value);

        public static implicit operator TensorIndex(Index index) => Single(Position(index));

        public static implicit operator TensorIndex(Range range) => Slice(range);

        public static implicit operator TensorIndex((int?, int?) range) => Slice(range);

        internal NativeIndex ToNative() => new(_kind, _start, _stop, _step, _tensor?.Handle ?? 0);

        /// <summary>^1 is -1 in torch; ^0, the end itself, is beyond every dimension.</summary>
        static long Position(Index index) => index switch
        {
            { IsFromEnd: false } => index.Value,
            { Value: 0 } => long.MaxValue,
            _ => -index.Value,
        };
    }

    public sealed partial class Tensor
    {
        [IndexerName("TensorItems")]
        public Tensor this[params TensorIndex[] indices]
        {
            get => index(indices);
            set => index_put_(value, indices);
        }

        [IndexerName("TensorItems")]
        public Tensor this[params Tensor[] indices]
        {
            get => index([.. indices.Select(TensorIndex.Tensor)]);
            set => index_put_(value, [.. indices.Select(TensorIndex.Tensor)]);
        }

        [IndexerName("TensorItems")]
        public Tensor this[long i1]
        {
            get => index([i1]);
            set => index_put_(value, [i1]);
        }

        [IndexerName("TensorItems")]
        public Tensor this[long i1, long i2]
        {
            get => index([i1, i2]);
            set => index_put_(value, [i1, i2]);
        }

        [IndexerName("TensorItems")]
        public Tensor this[long i1, long i2, long i3]
        {
            get => index([i1, i2, i3]);
            set => index_put_(value, [i1, i2, i3]);
        }

        [IndexerName("TensorItems")]
        public Tensor this[long i1, long i2, long i3, long i4]
        {
            get => index([i1, i2, i3, i4]);
            set => index_put_(value, [i1, i2, i3, i4]);
        }

        public Tensor index(params TensorIndex[] indices)
        {
            var result = Native.imagic_index(this, Entries(indices), indices.Length);
            GC.KeepAlive(indices);
            return result;
        }

        public Tensor index_put_(Tensor value, params TensorIndex[] indices)
        {
            Native.imagic_index_put_(this, Entries(indices), indices.Length, value);
            GC.KeepAlive(indices);
            return this;
        }

        public Tensor index_put_(Scalar value, params TensorIndex[] indices)
        {
            Native.imagic_index_put_scalar_(this, Entries(indices), indices.Length, value);
            GC.KeepAlive(indices);
            return this;
        }

        static NativeIndex[] Entries(TensorIndex[] indices) => [.. indices.Select(i => i.ToNative())];
    }
}

using System.Runtime.InteropServices.Marshalling;
using TorchSharp.Interop;
using static TorchSharp.Interop.NativeScalar.Kind;

namespace TorchSharp;

/// <summary>A number of any element type, as torch operations take it. Nothing native is behind it.</summary>
[NativeMarshalling(typeof(ScalarMarshaller))]
public sealed class Scalar : IDisposable
{
    Scalar(torch.ScalarType type, NativeScalar value) => (Type, Value) = (type, value);

    /// <summary>The widest of its kind, as libtorch keeps scalars: bool, int64 or float64.</summary>
    public torch.ScalarType Type { get; }

    internal NativeScalar Value { get; }

    internal double AsDouble => Value.Type == Real ? Value.Real : Value.Integer;

    public static implicit operator Scalar(bool value) => new(torch.ScalarType.Bool, new(Bool, value ? 1 : 0, 0));

    public static implicit operator Scalar(byte value) => OfInteger(value);

    public static implicit operator Scalar(sbyte value) => OfInteger(value);

    public static implicit operator Scalar(short value) => OfInteger(value);

    public static implicit operator Scalar(int value) => OfInteger(value);

    public static implicit operator Scalar(long value) => OfInteger(value);

    public static implicit operator Scalar(Half value) => OfReal((double)value);

    public static implicit operator Scalar(float value) => OfReal(value);

    public static implicit operator Scalar(double value) => OfReal(value);

    /// <summary>Nothing to release; there because TorchSharp's Scalar owns native memory.</summary>
    public void Dispose()
    {
    }

    static Scalar OfInteger(long value) => new(torch.ScalarType.Int64, new(Integer, value, 0));

    static Scalar OfReal(double value) => new(torch.ScalarType.Float64, new(Real, 0, value));
}

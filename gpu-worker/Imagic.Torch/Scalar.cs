using System.Runtime.InteropServices.Marshalling;
using TorchSharp.Interop;
using static TorchSharp.Interop.NativeScalar.Kind;

namespace TorchSharp;

/// <summary>A number of any element type, as torch operations take it. Nothing native is behind it.</summary>
[NativeMarshalling(typeof(ScalarMarshaller))]
public sealed class Scalar : IDisposable
{
    Scalar(torch.ScalarType type, NativeScalar value) => (Type, Value) = (type, value);

    public torch.ScalarType Type { get; }

    internal NativeScalar Value { get; }

    internal double AsDouble => Value.Type == Real ? Value.Real : Value.Integer;

    public static implicit operator Scalar(bool value) => new(torch.ScalarType.Bool, new(Bool, value ? 1 : 0, 0));

    public static implicit operator Scalar(byte value) => OfInteger(torch.ScalarType.Byte, value);

    public static implicit operator Scalar(sbyte value) => OfInteger(torch.ScalarType.Int8, value);

    public static implicit operator Scalar(short value) => OfInteger(torch.ScalarType.Int16, value);

    public static implicit operator Scalar(int value) => OfInteger(torch.ScalarType.Int32, value);

    public static implicit operator Scalar(long value) => OfInteger(torch.ScalarType.Int64, value);

    public static implicit operator Scalar(Half value) => OfReal(torch.ScalarType.Float16, (double)value);

    public static implicit operator Scalar(float value) => OfReal(torch.ScalarType.Float32, value);

    public static implicit operator Scalar(double value) => OfReal(torch.ScalarType.Float64, value);

    /// <summary>Nothing to release; there because TorchSharp's Scalar owns native memory.</summary>
    public void Dispose()
    {
    }

    static Scalar OfInteger(torch.ScalarType type, long value) => new(type, new(Integer, value, 0));

    static Scalar OfReal(torch.ScalarType type, double value) => new(type, new(Real, 0, value));
}
